import { sumBlocks, wordsOf } from './block-sums.ts';
import type { Raster } from './block-sums.ts';

export type { Raster };

/** A decoded picture, as large as it is measured. */
export interface Picture extends Raster {
  /** The same picture as large as it is cut out. */
  readonly full: Raster;
  /** Pixels of `full` across and down for one pixel here. */
  readonly factor: number;
  /** Whether the file has an alpha channel, even an opaque one. */
  readonly hasAlpha: boolean;
  /** Share of pixels that are fully transparent (alpha 0). */
  readonly transparentShare: number;
  /** Of the file, after its orientation tag. */
  readonly fileWidth: number;
  readonly fileHeight: number;
  /** As the decoder calls it: `png`, `jpeg`, `webp`, ... */
  readonly format: string;
  readonly byteLength: number;
}

/** What is known of a file besides its pixels. */
type FileFacts = Pick<Picture, 'hasAlpha' | 'fileWidth' | 'fileHeight' | 'format' | 'byteLength'>;

/** Larger pictures are reduced to this side before they are cut out; a card has 1024 pixels a side. */
const largestSide = 2048;

/** Pictures are measured at about this side, the size that most image-to-3D models look at. */
const measuredSide = 512;

/** Pictures with more pixels than this are refused rather than decoded. */
const mostPixels = 100_000_000;

/** Decodes a picture; undefined if the bytes are not a whole picture. Loads sharp on first use. */
export async function decodePicture(bytes: Uint8Array): Promise<Picture | undefined> {
  const { default: sharp } = await import('sharp');
  try {
    const input = sharp(bytes, { failOn: 'warning', limitInputPixels: mostPixels, sequentialRead: true });
    const { width, height, autoOrient, hasAlpha, format } = await input.metadata();
    const large = Math.max(width, height) > largestSide;
    const upright = input.autoOrient();
    const sized = large
      ? upright.resize({ width: largestSide, height: largestSide, fit: 'inside', withoutEnlargement: true })
      : upright;
    const { data, info } = await sized
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return pictureOf(
      { width: info.width, height: info.height, pixels },
      { hasAlpha, fileWidth: autoOrient.width, fileHeight: autoOrient.height, format, byteLength: bytes.byteLength },
    );
  } catch {
    return undefined;
  }
}

/** The picture as a PNG, upright, in sRGB, without metadata. */
export async function uprightPng(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const { default: sharp } = await import('sharp');
  const input = sharp(bytes, { failOn: 'warning', limitInputPixels: mostPixels });
  return new Uint8Array(await input.autoOrient().toColourspace('srgb').png({ compressionLevel: 1 }).toBuffer());
}

/** The picture of pixels that are decoded already. */
export function pictureOf(full: Raster, facts: FileFacts): Picture {
  const factor = Math.max(1, Math.round(Math.max(full.width, full.height) / measuredSide));
  const measured = factor === 1 ? full : reduce(full, factor);
  const transparentShare = facts.hasAlpha ? shareOfTransparent(measured) : 0;
  return { ...measured, full, factor, transparentShare, ...facts };
}

/** The same picture, cut out from `times` as small a one. `factor` has to be a multiple of it. */
export function withSmallerFull(picture: Picture, times: number): Picture {
  return { ...picture, full: reduce(picture.full, times), factor: picture.factor / times };
}

/** Averages squares of `factor` pixels. */
function reduce(full: Raster, factor: number): Raster {
  const isWhole = full.width % factor === 0 && full.height % factor === 0;
  return isWhole && (factor === 2 || factor === 4) ? reduceByShift(full, factor) : reduceByDivision(full, factor);
}

/** The same for the sizes that most pictures have, in one pass. */
function reduceByShift(full: Raster, factor: 2 | 4): Raster {
  const words = wordsOf(full);
  const [width, height] = [full.width / factor, full.height / factor];
  const reduced = new Int32Array(width * height);
  for (let row = 0; row < height; row++)
    reduceRow(words, full.width, row * factor * full.width, reduced.subarray(row * width, (row + 1) * width), factor);
  return { width, height, pixels: new Uint8Array(reduced.buffer) };
}

/** Averages the squares of one row, two channels at a time, in the halves of a word. V8 compiles rows better than long loops. */
function reduceRow(words: Int32Array, width: number, first: number, reduced: Int32Array, factor: 2 | 4): void {
  const shift = factor === 2 ? 2 : 4;
  // Half of what one level of the average takes, in both halves.
  const half = (0x10001 << shift) >>> 1;
  for (let out = 0, left = first; out < reduced.length; out++, left += factor) {
    let even = half;
    let odd = half;
    for (let line = left, bottom = left + factor * width; line < bottom; line += width)
      for (let at = line, end = line + factor; at < end; at++) {
        const word = words[at]!;
        even = (even + (word & 0xff00ff)) | 0;
        odd = (odd + ((word >>> 8) & 0xff00ff)) | 0;
      }
    reduced[out] = ((even >>> shift) & 0xff00ff) | (((odd >>> shift) & 0xff00ff) << 8);
  }
}

function reduceByDivision(full: Raster, factor: number): Raster {
  const { columns, rows, sums } = sumBlocks(full, factor);
  const pixels = new Uint8Array(sums.length);
  const lastColumn = full.width - (columns - 1) * factor;
  const lastRow = full.height - (rows - 1) * factor;
  for (let row = 0, at = 0; row < rows; row++) {
    const lines = row < rows - 1 ? factor : lastRow;
    for (let column = 0; column < columns; column++) {
      const count = lines * (column < columns - 1 ? factor : lastColumn);
      for (const end = at + 4; at < end; at++) pixels[at] = sums[at]! / count + 0.5;
    }
  }
  return { width: columns, height: rows, pixels };
}

function shareOfTransparent({ pixels, width }: Raster): number {
  let count = 0;
  for (let start = 0; start < pixels.length; start += width * 4)
    count += transparentIn(pixels, start, start + width * 4);
  return count / (pixels.length / 4);
}

function transparentIn(pixels: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start + 3; at < end; at += 4) if (pixels[at] === 0) count += 1;
  return count;
}
