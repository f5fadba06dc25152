import { objectAlpha } from './analyse-picture.ts';
import { wordsOf } from './block-sums.ts';
import type { Box } from './components.ts';
import type { Cutting } from './cut-out.ts';
import type { Raster } from './picture.ts';

/** Alpha below and above these is what resampling leaves beside an edge. */
const [leastAlpha, mostAlpha] = [8, 250];
/** Soft edges reach this far beyond the box, in source pixels. */
const softReach = 3;
/** So much further, of the empty pixels around the object, may go along. */
const spareReach = 20;
/** What sharp enlarges comes out so many pixels of the result further right and down. */
const enlargedShift = 0.5;

/** Puts an object on a transparent square of `side` pixels: its longest side takes `share`, its box comes to the middle. */
export async function placeOnSquare(cutting: Cutting, side: number, share: number): Promise<Raster> {
  const { default: sharp } = await import('sharp');
  const { pixels, width, height } = cutting;
  const box = visibleBox(cutting);
  const longest = Math.max(box.right - box.left, box.bottom - box.top);
  const scale = (share * side) / longest;
  const { window } = cutting;
  const across = placed({ low: box.left, high: box.right, first: window.left, last: window.right, side, scale });
  const down = placed({ low: box.top, high: box.bottom, first: window.top, last: window.bottom, side, scale });
  const { data } = await sharp(pixels, { raw: { width, height, channels: 4 } })
    .extract({ left: across.from, top: down.from, width: across.count, height: down.count })
    .resize(across.size, down.size, { fit: 'fill', kernel: 'cubic' })
    .extend({
      left: across.before,
      right: side - across.before - across.size,
      top: down.before,
      bottom: side - down.before - down.size,
      background: { r: 0, g: 0, b: 0, alpha: 0 },
    })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const square = { width: side, height: side, pixels: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  const words = wordsOf(square);
  // What was added around the object is transparent already.
  for (let row = down.before; row < down.before + down.size; row++) {
    const first = row * side + across.before;
    cleanRow(square.pixels, words, first, first + across.size);
  }
  return square;
}

/** Takes away what resampling leaves beside edges. */
function cleanRow(pixels: Uint8Array, words: Int32Array, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    const alpha = pixels[at * 4 + 3]!;
    if (alpha < leastAlpha) words[at] = 0;
    else if (alpha > mostAlpha) pixels[at * 4 + 3] = 255;
  }
}

/** Encodes as PNG. The settings are fixed, so that equal pixels give equal bytes. */
export async function encodePng({ pixels, width, height }: Raster): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  // Filters double the time, and save little where most of a picture is transparent.
  const settings = { compressionLevel: 6, adaptiveFiltering: false, palette: false };
  return sharp(pixels, { raw: { width, height, channels: 4 } })
    .png(settings)
    .toBuffer();
}

/**
 * In one direction: which pixels of the source are taken, how many they become, and where they begin on the square. Only
 * whole pixels can be taken, so as many empty ones go along as bring the object's middle and size closest to where they
 * belong: a few hundredths of a pixel off.
 */
function placed({
  low,
  high,
  first,
  last,
  side,
  scale,
}: Readonly<Record<'low' | 'high' | 'first' | 'last' | 'side' | 'scale', number>>): {
  from: number;
  count: number;
  size: number;
  before: number;
} {
  const middle = (low + high) / 2;
  const free = Math.floor((side / scale - (high - low)) / 2);
  const shift = scale > 1 ? enlargedShift : 0;
  const beforeAt = (reach: number): number => side / 2 - shift - (middle - low + reach) * scale;
  const from = low - roundest(beforeAt, Math.min(free, low - first));
  const sizeAt = (reach: number): number => (high + reach - from) * scale;
  const to = high + roundest(sizeAt, Math.min(free, last - high));
  const before = Math.max(0, Math.round(beforeAt(low - from)));
  return { from, count: to - from, size: Math.max(1, Math.min(side - before, Math.round(sizeAt(to - high)))), before };
}

/** The reach, of those allowed, that gives nearly a whole number. */
function roundest(valueAt: (reach: number) => number, most: number): number {
  let best = Math.max(0, Math.min(most, softReach));
  const offAt = (reach: number): number => Math.abs(valueAt(reach) - Math.round(valueAt(reach)));
  for (let reach = best + 1; reach <= Math.min(most, softReach + spareReach); reach++)
    if (offAt(reach) < offAt(best)) best = reach;
  return best;
}

/** The box around everything in the window that is at least half opaque. */
function visibleBox({ pixels, width, window }: Cutting): Box {
  let { left: right, top: bottom, right: left, bottom: top } = window;
  for (let y = window.top; y < window.bottom; y++) {
    const row = y * width;
    const first = firstVisible(pixels, row + window.left, row + window.right, 1) - row;
    if (first === window.right) continue;
    const last = firstVisible(pixels, row + window.right - 1, row + first, -1) - row;
    left = Math.min(left, first);
    right = Math.max(right, last + 1);
    top = Math.min(top, y);
    bottom = y + 1;
  }
  return { left, top, right, bottom };
}

/** The first pixel on the way that is at least half opaque; else `end`. */
function firstVisible(pixels: Uint8Array, start: number, end: number, step: 1 | -1): number {
  let at = start;
  while (at !== end && pixels[at * 4 + 3]! < objectAlpha) at += step;
  return at;
}
