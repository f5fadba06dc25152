import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { ImageMediaType } from '../../src/backend.ts';

/** An encoded picture and what is true of it. */
export interface SampleImage {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly mediaType: ImageMediaType;
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

const width = 61;
const height = 37;

/** Pictures by encoders that are in wide use, and by hand where there is none. */
export async function createSampleImages(): Promise<SampleImage[]> {
  const samples: SampleImage[] = [];
  const add = (name: string, mediaType: ImageMediaType, bytes: Uint8Array, hasAlpha = false): void => {
    samples.push({ name, bytes: Uint8Array.from(bytes), mediaType, width, height, hasAlpha });
  };
  const [opaque, transparent] = [picture(3), picture(4)];
  add('png', 'image/png', await opaque.png().toBuffer());
  add('png with alpha', 'image/png', await transparent.png().toBuffer(), true);
  add('png palette', 'image/png', await opaque.png({ palette: true }).toBuffer());
  add('png interlaced', 'image/png', await opaque.png({ progressive: true }).toBuffer());
  add('png with transparent colour', 'image/png', pngWithTransparentColour(await opaque.png().toBuffer()), true);
  add('jpeg', 'image/jpeg', await opaque.jpeg().toBuffer());
  add('jpeg progressive', 'image/jpeg', await opaque.jpeg({ progressive: true }).toBuffer());
  add('jpeg with restart markers', 'image/jpeg', await jpegWithRestarts());
  add('jpeg with a thumbnail', 'image/jpeg', await jpegWithThumbnail());
  add('webp', 'image/webp', await opaque.webp().toBuffer());
  add('webp lossless', 'image/webp', await opaque.webp({ lossless: true }).toBuffer());
  add('webp with alpha', 'image/webp', await transparent.webp().toBuffer(), true);
  add('webp lossless with alpha', 'image/webp', await transparent.webp({ lossless: true }).toBuffer(), true);
  add(
    'webp with metadata',
    'image/webp',
    await opaque
      .webp()
      .withExif({ IFD0: { Artist: 'x' } })
      .toBuffer(),
  );
  add('gif', 'image/gif', gifWithoutTransparency(await opaque.gif().toBuffer()));
  add('gif with a transparent colour', 'image/gif', await transparent.gif().toBuffer(), true);
  for (const compression of ['none', 'lzw', 'jpeg'] as const) {
    add(`tiff ${compression}`, 'image/tiff', await opaque.tiff({ compression }).toBuffer());
  }
  add('tiff tiles', 'image/tiff', await opaque.tiff({ tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer());
  add('tiff with alpha', 'image/tiff', await transparent.tiff({ compression: 'deflate' }).toBuffer(), true);
  add('tiff big-endian, directory first', 'image/tiff', bigEndianTiff());
  add('bmp', 'image/bmp', bmp(24, false));
  add('bmp from the top', 'image/bmp', bmp(24, true));
  return samples;
}

function picture(channels: 3 | 4): Sharp {
  const pixels = Buffer.alloc(width * height * channels);
  for (let index = 0; index < pixels.byteLength; index += 1) pixels[index] = (index * index * 31 + index * 7) & 0xff;
  return sharp(pixels, { raw: { width, height, channels } });
}

/** A PNG chunk with its length and CRC. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(data.byteLength + 12);
  chunk.writeUInt32BE(data.byteLength, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.byteLength)), 8 + data.byteLength);
  return chunk;
}

function pngWithTransparentColour(png: Buffer): Buffer {
  const afterHeader = 8 + 25;
  return Buffer.concat([png.subarray(0, afterHeader), pngChunk('tRNS', Buffer.alloc(6)), png.subarray(afterHeader)]);
}

/** The encoder always sets a colour aside as transparent; this takes it back. */
function gifWithoutTransparency(gif: Buffer): Buffer {
  const control = gif.indexOf(Buffer.from([0x21, 0xf9, 0x04]));
  gif[control + 3] = (gif[control + 3] ?? 0) & 0xfe;
  return gif;
}

async function jpegWithRestarts(): Promise<Buffer> {
  const jpeg = await picture(3).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();
  const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
  // DRI before the scan, and a marker that a decoder would resynchronise at, within it.
  const interval = Buffer.from([0xff, 0xdd, 0x00, 0x04, 0x00, 0x10]);
  const middle = scan + 40;
  return Buffer.concat([
    jpeg.subarray(0, scan),
    interval,
    jpeg.subarray(scan, middle),
    Buffer.from([0xff, 0xd0]),
    jpeg.subarray(middle),
  ]);
}

async function jpegWithThumbnail(): Promise<Buffer> {
  const thumbnail = await sharp({ create: { width: 8, height: 4, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
  const jpeg = await picture(3).jpeg().toBuffer();
  const segment = Buffer.alloc(4);
  segment.writeUInt16BE(0xffe1, 0);
  segment.writeUInt16BE(thumbnail.byteLength + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), segment, thumbnail, jpeg.subarray(2)]);
}

function bmp(bits: 24, topDown: boolean): Buffer {
  const stride = Math.ceil((width * bits) / 32) * 4;
  const bytes = Buffer.alloc(54 + stride * height, 0x5a);
  bytes.write('BM', 0, 'latin1');
  bytes.writeUInt32LE(bytes.byteLength, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(topDown ? -height : height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(bits, 28);
  bytes.fill(0, 30, 54);
  return bytes;
}

/** Two strips after the directory, whose lists of offsets and lengths are also after it. */
function bigEndianTiff(): Buffer {
  const rows = [19, height - 19];
  const fields = [
    [256, 3, 1, width * 0x10000],
    [257, 3, 1, height * 0x10000],
    [258, 3, 1, 8 * 0x10000],
    [262, 3, 1, 0x10000],
    [273, 4, 2, 0],
    [278, 3, 1, 19 * 0x10000],
    [279, 4, 2, 0],
  ] as const;
  const listsAt = 8 + 2 + fields.length * 12 + 4;
  const stripsAt = listsAt + 16;
  const bytes = Buffer.alloc(stripsAt + width * height, 0x33);
  bytes.write('MM\0*', 0, 'latin1');
  bytes.writeUInt32BE(8, 4);
  bytes.writeUInt16BE(fields.length, 8);
  fields.forEach(([tag, type, count, value], index) => {
    const start = 10 + index * 12;
    bytes.writeUInt16BE(tag, start);
    bytes.writeUInt16BE(type, start + 2);
    bytes.writeUInt32BE(count, start + 4);
    bytes.writeUInt32BE(tag === 273 ? listsAt : tag === 279 ? listsAt + 8 : value, start + 8);
  });
  bytes.writeUInt32BE(0, 10 + fields.length * 12);
  const lengths = rows.map((count) => count * width);
  [stripsAt, stripsAt + (lengths[0] ?? 0), ...lengths].forEach((value, index) => {
    bytes.writeUInt32BE(value, listsAt + index * 4);
  });
  return bytes;
}
