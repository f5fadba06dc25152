import { messageOf } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';

import type { OpaqueAnalysis, PictureAnalysis } from './analyse-picture.ts';
import type { CardGateOptions } from './gate/card-gate-options.ts';
import type { CardCheckName, CardGateReport } from './gate/card-gate-report.ts';
import { say } from './card-messages.ts';
import { cutOut } from './cut-out.ts';
import { withSmallerFull } from './picture.ts';
import type { Picture, Raster } from './picture.ts';
import { placeOnSquare } from './place-on-square.ts';

/** Version of the normaliser's rules. Normalise cards of another version again from their originals. */
export const normaliserVersion = 2;

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
 * `remove-background` = the background remover cut the object out;
 * `remove-opaque-alpha` = an alpha channel without transparency was ignored; `cut-out` = the ground became transparent;
 * `cut-openings` = so did the ground that is seen through the object; `remove-shadow` = a soft shadow went with it;
 * `recentre` = the object was scaled and placed in the middle of a square.
 */
export type NormaliseStep =
  | 'remove-background'
  | 'remove-opaque-alpha'
  | 'cut-out'
  | 'cut-openings'
  | 'remove-shadow'
  | 'recentre';

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

/** What `NormaliseOptions` are where they are not given. */
export const defaultSide = 1024;
export const defaultShare = 0.85;

/** A normalised card before it is encoded, or why there is none. */
export type NormalisedPicture =
  | { readonly card: Raster; readonly steps: readonly NormaliseStep[] }
  | { readonly skipped: Message };

/**
 * Brings a card into the form that all image-to-3D models take: the object cut out with real alpha, in the middle of a
 * 1024x1024 square, its longest side 0.85 of it. Ground that is seen through openings of the object becomes transparent too.
 * A picture that is already transparent and passes the gate is left alone; so is what is not a single whole object on a
 * plain ground. Deterministic: the same picture and options give the same pixels.
 */
export async function normalisePicture(
  analysis: PictureAnalysis,
  report: CardGateReport,
  { side = defaultSide, share = defaultShare, isCutOut = false }: NormaliseOptions & { readonly isCutOut?: boolean },
  limits: Required<CardGateOptions>,
): Promise<NormalisedPicture> {
  const skipped = reasonToSkip(analysis, report, limits, isCutOut);
  if (skipped !== undefined) return { skipped };
  if (analysis.kind === 'transparent') {
    const { full } = analysis.picture;
    const window = { left: 0, top: 0, right: full.width, bottom: full.height };
    return { card: await placeOnSquare({ ...full, window }, side, share), steps: ['recentre'] };
  }
  const picture = asLargeAsNeeded(analysis, share * side);
  return {
    card: await placeOnSquare(cutOut({ ...analysis, picture }), side, share),
    steps: [...groundSteps(analysis, picture.hasAlpha, limits), 'recentre'],
  };
}

/** Twice as large an object as the card's is halved first: its further pixels would be lost on the square anyway. */
function asLargeAsNeeded({ picture, object: { box } }: OpaqueAnalysis, target: number): Picture {
  if (box === undefined) return picture;
  const longest = Math.max(box.right - box.left, box.bottom - box.top) * picture.factor;
  const times = Math.floor(longest / target + 0.1);
  return times > 1 && picture.factor % times === 0 ? withSmallerFull(picture, times) : picture;
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

function reasonToSkip(
  analysis: PictureAnalysis,
  report: CardGateReport,
  limits: Required<CardGateOptions>,
  isCutOut: boolean,
): Message | undefined {
  const obstacle = report.checks.find(({ name, passed }) => !passed && obstacles.has(name));
  if (obstacle !== undefined) return messageOf(obstacle);
  if (analysis.kind === 'transparent') {
    const [across = 0, down = 0] = report.object?.offset ?? [];
    const centred = Math.max(Math.abs(across), Math.abs(down)) <= largestOffset;
    const translucent = report.checks.find(({ name, passed }) => name === 'alpha' && !passed);
    if (report.verdict === 'passed' && centred && !isCutOut) return say('already-transparent');
    return translucent && messageOf(translucent);
  }
  const { share, depth } = analysis.shadow;
  if (share <= limits.maxShadowShare) return undefined;
  if (depth > deepestShadow) return say('dark-shadow');
  const { picture, object } = analysis;
  if (share * picture.width * picture.height > broadestShadow * object.area) return say('broad-shadow');
  return undefined;
}
