/** A PNG writer on node:zlib alone: 8-bit RGB or RGBA, row by row, fast and small for flat colours. */
import { crc32, deflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export interface PngOptions {
  width: number;
  height: number;
  /** 3: RGB. 4: RGBA. */
  channels: 3 | 4;
  /** Fills a row of `width * channels` bytes; called once for each row, from the top, always with the same buffer. */
  drawRow: (y: number, row: Buffer) => void;
  /** Text that stands in the file, by keyword (1 to 79 Latin letters). */
  text: Readonly<Record<string, string>>;
  /** Bytes that cannot be compressed, in a chunk that decoders skip. */
  padding?: Uint8Array;
}

/** Bytes that a padding chunk costs beside its content. */
export const chunkOverhead = 12;

function chunk(type: string, data: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(chunkOverhead + data.length);
  whole.writeUInt32BE(data.length, 0);
  whole.write(type, 4, 'latin1');
  whole.set(data, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, 8 + data.length)), 8 + data.length);
  return whole;
}

export function encodePng(options: PngOptions): Buffer {
  const { width, height, channels } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = channels === 3 ? 2 : 6;
  const texts = Object.entries(options.text).map(([keyword, text]) =>
    chunk('iTXt', Buffer.concat([Buffer.from(keyword, 'latin1'), Buffer.alloc(5), Buffer.from(text, 'utf8')])),
  );
  const padding = options.padding === undefined ? [] : [chunk('emNs', options.padding)];
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...texts,
    ...padding,
    chunk('IDAT', deflateSync(filterRows(options), { level: 2 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Each row as its difference from the row above (filter type 2): flat areas and vertical gradients become constant. */
function filterRows({ width, height, channels, drawRow }: PngOptions): Buffer {
  const stride = width * channels;
  const filtered = Buffer.alloc((stride + 1) * height);
  let row = Buffer.alloc(stride);
  let above = Buffer.alloc(stride);
  for (let y = 0; y < height; y += 1) {
    drawRow(y, row);
    const start = y * (stride + 1);
    filtered[start] = 2;
    if (y === 0 || row.compare(above) !== 0)
      for (let x = 0; x < stride; x += 1) filtered[start + 1 + x] = (row[x] ?? 0) - (above[x] ?? 0);
    [row, above] = [above, row];
  }
  return filtered;
}
