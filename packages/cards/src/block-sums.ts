import { endianness } from 'node:os';

/** Pixels, four bytes each in sRGB: red, green, blue, alpha, not premultiplied, row by row. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Sums over square blocks of pixels. Those at the right and lower edge may be cut off. */
export interface BlockSums {
  readonly columns: number;
  readonly rows: number;
  /** Red, green, blue, alpha by block. */
  readonly sums: Uint16Array;
}

/** Where red, green, blue and alpha lie in a word of four bytes. */
const bigEndian = endianness() === 'BE';

/** The pixels as words of four bytes, over the same memory. Signed: V8 keeps those without an object for each. */
export function wordsOf({ pixels }: Pick<Raster, 'pixels'>): Int32Array {
  return new Int32Array(pixels.buffer, pixels.byteOffset, pixels.byteLength / 4);
}

/**
 * Adds pixels up in blocks. Two channels are added at a time, in the halves of a word.
 *
 * @param size Side of a block in pixels, 1 to 16: its sums fit sixteen bits.
 */
export function sumBlocks(raster: Raster, size: number): BlockSums {
  const { width, height } = raster;
  const words = wordsOf(raster);
  const [columns, rows] = [Math.ceil(width / size), Math.ceil(height / size)];
  const sums = new Uint16Array(columns * rows * 4);
  for (let row = 0; row < rows; row++) {
    const bottom = Math.min(height, (row + 1) * size);
    addBlocks(words, width, row * size * width, bottom * width, size, sums, row * columns * 4);
  }
  return { columns, rows, sums };
}

/** The blocks of one row: V8 compiles what is called often better than a long loop. */
function addBlocks(
  words: Int32Array,
  width: number,
  top: number,
  bottom: number,
  size: number,
  sums: Uint16Array,
  first: number,
): void {
  for (let left = 0, out = first; left < width; left += size, out += 4) {
    const right = left + size < width ? left + size : width;
    let even = 0;
    let odd = 0;
    for (let line = top; line < bottom; line += width)
      for (let at = line + left; at < line + right; at++) {
        const word = words[at]!;
        even += word & 0xff00ff;
        odd += (word >>> 8) & 0xff00ff;
      }
    sums[out] = bigEndian ? odd >>> 16 : even;
    sums[out + 1] = bigEndian ? even >>> 16 : odd;
    sums[out + 2] = bigEndian ? odd : even >>> 16;
    sums[out + 3] = bigEndian ? even : odd >>> 16;
  }
}
