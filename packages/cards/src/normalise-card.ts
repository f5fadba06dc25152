import { messageOf } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';

import type { PictureAnalysis } from './analyse-picture.ts';
import { objectAlpha } from './analyse-picture.ts';
import type { CardGateOptions } from './card-gate-options.ts';
import { resolveCardGateOptions } from './card-gate-options.ts';
import type { CardCheckName } from './card-gate-report.ts';
import type { Box } from './components.ts';
import { say } from './card-messages.ts';
import { cutOut } from './cut-out.ts';
import { invalidRequest } from './invalid-request.ts';
import { reportOn } from './measure-card.ts';
import { placeOnSquare } from './place-on-square.ts';

/** Version of the normaliser's rules. Normalise cards of another version again from their originals. */
export const normaliserVersion = 1;

/** How cards are normalised. */
export interface NormaliseOptions {
  /** Side of the square in pixels. Default 1024. */
  readonly side?: number;
  /** Share of the side that the longest side of the object's box takes. Default 0.85, as Stable Fast 3D and TripoSR crop. */
  readonly share?: number;
  /** Limits by which an object counts as isolated. Default: those of the gate. */
  readonly gate?: CardGateOptions;
}

/** A card after the normaliser. */
export interface NormalisedCard {
  /** PNG when `changed`; else the bytes as given. */
  readonly bytes: Uint8Array;
  readonly changed: boolean;
  /** `normaliserVersion` of the rules that were followed. */
  readonly normaliserVersion: number;
  /** What was done, in order. */
  readonly steps: readonly NormaliseStep[];
  /** Why nothing was done; absent if something was. */
  readonly skipped?: Message;
}

/**
 * `remove-opaque-alpha` = an alpha channel without transparency was ignored; `cut-out` = the ground became transparent;
 * `cut-openings` = so did the ground that is seen through the object; `remove-shadow` = a soft shadow went with it;
 * `recentre` = the object was scaled and placed in the middle of a square.
 */
export type NormaliseStep = 'remove-opaque-alpha' | 'cut-out' | 'cut-openings' | 'remove-shadow' | 'recentre';

/** Checks whose failure means that there is no single whole object to cut out. */
const obstacles: ReadonlySet<CardCheckName> = new Set([
  'decodes',
  'ground-plain',
  'ground-gradient',
  'ground-noise',
  'isolated',
  'one-object',
  'edge-contact',
]);

/** Soft shadows darker than this cannot be told from the object's own dark parts. */
const deepestShadow = 0.3;
/** A soft shadow larger than this share of the object's area is more likely an object that fades into the ground. */
const broadestShadow = 1;

/** Largest distance of a transparent card's object from the middle, as a share of the side, at which it is not recentred. */
const largestOffset = 0.1;

const defaultSide = 1024;
const defaultShare = 0.85;

/** Throws an `ImageError` of kind `invalid-request` for invalid options. */
export function assertNormaliseOptions({ side = defaultSide, share = defaultShare, gate }: NormaliseOptions): void {
  resolveCardGateOptions(gate);
  if (!Number.isInteger(side) || side < 64 || side > 4096)
    throw invalidRequest(say('side-option', { value: String(side) }));
  if (typeof share !== 'number' || !(share > 0.1 && share < 1))
    throw invalidRequest(say('share-option', { value: String(share) }));
}

/**
 * Brings a card into the form that all image-to-3D models accept: the object cut out with real alpha, centred on a 1024x1024 PNG,
 * its longest side 0.85 of the frame. Ground seen through openings of the object becomes transparent too. Returns the same bytes
 * for a picture that is already transparent and passes the gate, and for one that is not a single whole object on a plain ground;
 * `skipped` then has the reason. Deterministic: the same bytes and options give the same bytes.
 *
 * @param bytes The file of the picture that was analysed.
 */
export async function normalisePicture(
  bytes: Uint8Array,
  analysis: PictureAnalysis,
  { side = defaultSide, share = defaultShare, gate }: NormaliseOptions,
): Promise<NormalisedCard> {
  const limits = resolveCardGateOptions(gate);
  const reason = reasonToSkip(analysis, limits);
  if (reason !== undefined) return unchanged(bytes, reason);
  const { width, height, pixels, hasAlpha } = analysis.picture;
  const cut = analysis.kind === 'opaque' ? cutOut(analysis) : pixels;
  const box = visibleBox(cut, width, height);
  return {
    bytes: await placeOnSquare({ pixels: cut, width, height, box, side, share }),
    changed: true,
    normaliserVersion,
    steps: [...(analysis.kind === 'opaque' ? groundSteps(analysis, hasAlpha, limits) : []), 'recentre'],
  };
}

/** The box around everything that is at least half opaque. */
function visibleBox(pixels: Uint8Array, width: number, height: number): Box {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, at = 3; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      if (pixels[at]! < objectAlpha) continue;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (top === height) top = y;
      bottom = y + 1;
    }
  }
  return { left, top, right, bottom };
}

function groundSteps(
  analysis: PictureAnalysis & { kind: 'opaque' },
  hasAlpha: boolean,
  { maxShadowShare }: Required<CardGateOptions>,
): NormaliseStep[] {
  return [
    ...(hasAlpha ? (['remove-opaque-alpha'] as const) : []),
    'cut-out',
    ...(analysis.openings > 0 ? (['cut-openings'] as const) : []),
    ...(analysis.shadow.share > maxShadowShare ? (['remove-shadow'] as const) : []),
  ];
}

function reasonToSkip(analysis: PictureAnalysis, limits: Required<CardGateOptions>): Message | undefined {
  const report = reportOn(analysis, limits);
  const obstacle = report.checks.find(({ name, passed }) => !passed && obstacles.has(name));
  if (obstacle !== undefined) return messageOf(obstacle);
  if (analysis.kind === 'transparent') {
    const [across = 0, down = 0] = report.object?.offset ?? [];
    const centred = Math.max(Math.abs(across), Math.abs(down)) <= largestOffset;
    const translucent = report.checks.find(({ name, passed }) => name === 'alpha' && !passed);
    if (report.verdict === 'passed' && centred) return say('already-transparent');
    return translucent && messageOf(translucent);
  }
  const { share, depth } = analysis.shadow;
  if (share <= limits.maxShadowShare) return undefined;
  if (depth > deepestShadow) return say('dark-shadow');
  const { picture, object } = analysis;
  if (share * picture.width * picture.height > broadestShadow * object.area) return say('broad-shadow');
  return undefined;
}

function unchanged(bytes: Uint8Array, skipped: Message): NormalisedCard {
  return { bytes, changed: false, normaliserVersion, steps: [], skipped };
}
