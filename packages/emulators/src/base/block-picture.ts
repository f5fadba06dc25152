/** A painted picture as coloured blocks: what the small JPEG and WebP writers draw. */
import { inflateSync } from 'node:zlib';
import type { PaintOptions } from './paint-png.ts';
import { paintPng } from './paint-png.ts';

/** Pixels of one block, each way. */
export const blockSize = 8;

export interface BlockPicture {
  readonly columns: number;
  readonly rows: number;
  /** Red, green, blue and alpha of each block, row by row. */
  readonly pixels: Buffer;
}

/** Paints the picture at an eighth of its size; the label stays readable. */
export function paintBlocks(options: PaintOptions): BlockPicture {
  const columns = Math.ceil(options.width / blockSize);
  const rows = Math.ceil(options.height / blockSize);
  const { bytes: _bytes, ...rest } = options;
  return decode(paintPng({ ...rest, width: columns, height: rows }), columns, rows);
}

/** Reads back a PNG of our own writer: 8 bits, filter "up" in each row. */
function decode(png: Buffer, columns: number, rows: number): BlockPicture {
  const channels = png[25] === 6 ? 4 : 3;
  const data: Buffer[] = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(data));
  const stride = columns * channels;
  const pixels = Buffer.alloc(columns * rows * 4, 255);
  let above = Buffer.alloc(stride);
  for (let y = 0; y < rows; y += 1) {
    const row = Buffer.from(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    for (let x = 0; x < stride; x += 1) row[x] = ((row[x] ?? 0) + (above[x] ?? 0)) & 255;
    for (let x = 0; x < columns; x += 1) row.copy(pixels, (y * columns + x) * 4, x * channels, (x + 1) * channels);
    above = row;
  }
  return { columns, rows, pixels };
}
