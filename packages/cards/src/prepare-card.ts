import type { PictureAnalysis } from './analyse-picture.ts';
import { analysePicture } from './analyse-picture.ts';
import { resolveCardGateOptions } from './card-gate-options.ts';
import { say } from './card-messages.ts';
import type { CardCheck, CardCheckName, CardGateReport } from './card-gate-report.ts';
import { reportOn, undecodable } from './measure-card.ts';
import type { NormalisedCard, NormaliseOptions } from './normalise-card.ts';
import { assertNormaliseOptions, normalisePicture, normaliserVersion } from './normalise-card.ts';
import { decodePicture } from './picture.ts';

/** How a card is judged and normalised. */
export interface PrepareCardOptions extends NormaliseOptions {
  /** Whether the card is normalised before it is judged. Default true. */
  readonly normalise?: boolean;
}

/** A card ready to be delivered, with its verdict. */
export interface PreparedCard {
  /** The card: a PNG if it was normalised, else the given bytes. */
  readonly bytes: Uint8Array;
  /** Whether `bytes` differ from those given. */
  readonly changed: boolean;
  /** Verdict on the card that is delivered. */
  readonly gate: CardGateReport;
  /** What the gate found on the bytes as given. */
  readonly original: CardGateReport;
  /** What the normaliser did, or why it did nothing; absent if it was turned off. */
  readonly normalised?: Omit<NormalisedCard, 'bytes' | 'changed'>;
}

/** Checks that the normaliser repairs. */
const repairable: ReadonlySet<CardCheckName> = new Set(['square', 'file-size', 'alpha', 'shadow']);

/** An object of at least this many pixels may be enlarged to fill its frame: models look at 512. */
const enlargeableSide = 384;

/**
 * Normalises a card (by default) and judges the result. A shape, file size, opaque alpha channel or soft shadow that the normaliser
 * repairs does not fail a card, nor does a small object with enough pixels to be enlarged; `original` has the findings before.
 * Pure and deterministic. Throws an `ImageError` of kind `invalid-request` for invalid options.
 */
export async function prepareCard(bytes: Uint8Array, options: PrepareCardOptions = {}): Promise<PreparedCard> {
  assertNormaliseOptions(options);
  const { normalise = true, gate } = options;
  const limits = resolveCardGateOptions(gate);
  const picture = await decodePicture(bytes);
  if (picture === undefined) {
    const report = undecodable();
    const nothing = { bytes, changed: false, gate: report, original: report };
    return normalise
      ? { ...nothing, normalised: { normaliserVersion, steps: [], skipped: say('undecodable') } }
      : nothing;
  }
  const analysis = analysePicture(picture);
  const original = reportOn(analysis, limits);
  if (!normalise) return { bytes, changed: false, gate: original, original };
  const { bytes: card, changed, ...normalised } = await normalisePicture(bytes, analysis, options);
  if (!changed) return { bytes, changed, gate: original, original, normalised };
  const delivered = await decodePicture(card);
  const after = delivered === undefined ? undecodable() : reportOn(analysePicture(delivered), limits);
  return { bytes: card, changed, gate: withoutRepaired(original, after, analysis), original, normalised };
}

/** The report on the delivered card, with the failures that the normaliser cannot have repaired. */
function withoutRepaired(original: CardGateReport, after: CardGateReport, analysis: PictureAnalysis): CardGateReport {
  const remaining = original.checks.filter(({ name, passed }) => !passed && !isRepaired(name, analysis));
  const names = new Set(remaining.map(({ name }) => name));
  const checks: CardCheck[] = [...after.checks.filter(({ name }) => !names.has(name)), ...remaining];
  return { ...after, checks, verdict: checks.every(({ passed }) => passed) ? 'passed' : 'failed' };
}

function isRepaired(name: CardCheckName, { picture, object: { box } }: PictureAnalysis): boolean {
  if (repairable.has(name)) return true;
  if (name !== 'frame-share' || box === undefined) return false;
  const scale = picture.fileWidth / picture.width;
  return Math.max(box.right - box.left, box.bottom - box.top) * scale >= enlargeableSide;
}
