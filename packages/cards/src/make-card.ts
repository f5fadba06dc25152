import { labelPicture, readMetadata } from '@holodeck/core/labels';

import type { PictureAnalysis } from './analyse-picture.ts';
import { analysePicture } from './analyse-picture.ts';
import { findDoubts } from './doubts/find-doubts.ts';
import { limitsOf } from './gate/card-gate-options.ts';
import { say } from './card-messages.ts';
import type { CardCheck, CardCheckName, CardGateReport } from './gate/card-gate-report.ts';
import { reportOn, undecodable } from './gate/measure-card.ts';
import { normalisePicture, normaliserVersion } from './normalise-card.ts';
import { decodePicture, pictureOf } from './picture.ts';
import { encodePng } from './place-on-square.ts';
import type { PrepareCardOptions, PreparedCard } from './prepare-card.ts';

/** Checks that the normaliser repairs. */
const repairable: ReadonlySet<CardCheckName> = new Set(['square', 'file-size', 'alpha', 'shadow']);

/** An object of at least this many pixels may be enlarged to fill its frame: models look at 512. */
const enlargeableSide = 384;

/** What the threads are asked for: plain data. */
export interface CardSettings extends Omit<PrepareCardOptions, 'remover'> {
  /** The picture's transparency is fresh: whatever it shows is put on the square. */
  readonly isCutOut?: boolean;
}

/** `prepareCard` for options that are known to make sense. Loads of `@holodeck/core` only messages and labels. */
export async function makeCard(bytes: Uint8Array, options: CardSettings): Promise<PreparedCard> {
  const { normalise = true } = options;
  const limits = limitsOf(options.gate);
  const picture = await decodePicture(bytes);
  if (picture === undefined) {
    const report = undecodable();
    const nothing = { bytes, changed: false, gate: report, original: report };
    return normalise
      ? { ...nothing, normalised: { normaliserVersion, steps: [], skipped: say('undecodable') } }
      : nothing;
  }
  const analysis = analysePicture(picture);
  const doubts = findDoubts(analysis);
  const original = reportOn(analysis, limits, doubts);
  if (!normalise) return { bytes, changed: false, gate: original, original };
  const made = await normalisePicture(analysis, original, options, limits);
  if ('skipped' in made) {
    const normalised = { normaliserVersion, steps: [], skipped: made.skipped };
    return { bytes, changed: false, gate: original, original, normalised };
  }
  const { card, steps } = made;
  const png = labelPicture(await encodePng(card), readMetadata(bytes));
  const delivered = pictureOf(card, {
    hasAlpha: true,
    fileWidth: card.width,
    fileHeight: card.height,
    format: 'png',
    byteLength: png.byteLength,
  });
  const gate = withoutRepaired(original, reportOn(analysePicture(delivered), limits, doubts), analysis);
  return { bytes: png, changed: true, gate, original, normalised: { normaliserVersion, steps } };
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
