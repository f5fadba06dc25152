/** How the outlines of two cut-out cards fit. */
export interface OutlineFit {
  /** The lower height of the two objects, as a share of their cards, divided by the other one; 0 to 1. */
  readonly heights: number;
  /**
   * The share of both outlines that they have in common after the second is mirrored, 0 to 1: both at the same height, centred on
   * each other. Opposite sides of one object, seen from the same distance, have 1.
   */
  readonly mirror: number;
}

/** The rows in which outlines are compared: finer steps change the figure by less than one percent. */
const comparedRows = 128;

/** Opaque enough to belong to the object. */
const leastAlpha = 128;

/** An object's own pixels. `left` and `top` are where its box begins. */
interface Outline {
  readonly alpha: Uint8Array;
  readonly stride: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Of the card. */
  readonly fullHeight: number;
}

/** Compares the outlines of two cards. Undefined if one of them is not cut out, or empty: then there is no outline to compare. */
export async function fitOutlines(one: Uint8Array, other: Uint8Array): Promise<OutlineFit | undefined> {
  const [a, b] = await Promise.all([outlineOf(one), outlineOf(other)]);
  if (a === undefined || b === undefined) return undefined;
  const [low, high] = [a.height / a.fullHeight, b.height / b.fullHeight].sort((x, y) => x - y) as [number, number];
  return { heights: low / high, mirror: commonShare(a, b) };
}

async function outlineOf(bytes: Uint8Array): Promise<Outline | undefined> {
  const { default: sharp } = await import('sharp');
  const picture = sharp(bytes);
  if (!(await picture.metadata()).hasAlpha) return undefined;
  const { data, info } = await picture.extractChannel('alpha').raw().toBuffer({ resolveWithObject: true });
  let [left, top, right, bottom] = [info.width, info.height, -1, -1];
  for (let y = 0, at = 0; y < info.height; y += 1) {
    for (let x = 0; x < info.width; x += 1, at += 1) {
      if (data[at]! < leastAlpha) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  const [width, height] = [right - left + 1, bottom - top + 1];
  const isWholeFrame = width === info.width && height === info.height;
  if (right < 0 || isWholeFrame) return undefined;
  return { alpha: data, stride: info.width, left, top, width, height, fullHeight: info.height };
}

function commonShare(a: Outline, b: Outline): number {
  const half = Math.ceil((comparedRows * Math.max(a.width / a.height, b.width / b.height)) / 2);
  let [common, either] = [0, 0];
  for (let row = 0; row < comparedRows; row += 1) {
    for (let across = -half; across < half; across += 1) {
      // The middle of a cell, so that mirroring maps cells onto cells.
      const [inA, inB] = [isInside(a, row, across + 0.5), isInside(b, row, -across - 0.5)];
      if (inA && inB) common += 1;
      if (inA || inB) either += 1;
    }
  }
  return common / either;
}

/** Whether a place belongs to the object; `across` counts from the middle of its box, both in rows of the comparison. */
function isInside({ alpha, stride, left, top, width, height }: Outline, row: number, across: number): boolean {
  const step = height / comparedRows;
  const x = Math.floor(width / 2 + across * step);
  const y = Math.floor((row + 0.5) * step);
  return x >= 0 && x < width && alpha[(top + y) * stride + left + x]! >= leastAlpha;
}
