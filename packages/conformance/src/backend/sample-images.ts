import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import type { ReferenceRole } from '@holodeck/core';
import type { PreparedReference } from '@holodeck/core/backend';

export type Colour = readonly [red: number, green: number, blue: number];

/** Side of the sample pictures, in pixels: large enough for every known rule. */
export const sampleSide = 256;

/** Colours of the first, second, ... reference, far apart from each other. */
export function sampleColour(index: number): Colour {
  const levels = [0, 128, 255] as const;
  const order = index + 2;
  return [levels[order % 3] ?? 0, levels[Math.floor(order / 3) % 3] ?? 0, levels[Math.floor(order / 9) % 3] ?? 0];
}

/** Sample pictures by media type, each of one colour where the form allows. */
export const sampleImages: Readonly<Record<string, (colour: Colour) => Uint8Array>> = {
  'image/png': png,
  'image/bmp': bmp,
  'image/tiff': tiff,
  'image/gif': gif,
  'image/jpeg': () => Buffer.from(jpegBase64, 'base64'),
  'image/webp': () => Buffer.from(webpBase64, 'base64'),
};

/** A PNG in the form that backends receive. */
export function preparedSample(role: ReferenceRole, index: number): PreparedReference {
  const bytes = png(sampleColour(index));
  return {
    role,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    mediaType: 'image/png',
    width: sampleSide,
    height: sampleSide,
    byteLength: bytes.byteLength,
    read: async () => bytes,
  };
}

/** A PNG of one colour. One larger than the samples has a palette and one bit a pixel, and is small in memory. */
export function png(colour: Colour, side: number = sampleSide, filler: number = 0): Uint8Array {
  const isLarge = side > sampleSide;
  const row = Buffer.concat([Buffer.of(0), isLarge ? Buffer.alloc(Math.ceil(side / 8)) : repeated(colour, side)]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set(isLarge ? [1, 3] : [8, 2], 8);
  return Buffer.concat([
    Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    ...pngChunk('IHDR', header),
    ...(isLarge ? pngChunk('PLTE', Buffer.from(colour)) : []),
    // A private chunk that decoders pass over: it makes the file as long as is wanted.
    ...(filler === 0 ? [] : pngChunk('fiLl', Buffer.alloc(filler))),
    ...pngChunk('IDAT', deflateSync(Buffer.alloc(row.length * side, row))),
    ...pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The parts of a chunk; joined only once, because its content may be long. */
function pngChunk(type: string, data: Buffer): readonly Buffer[] {
  const name = Buffer.from(type, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(data, crc32(name)));
  return [length, name, data, checksum];
}

function repeated(bytes: readonly number[], times: number): Buffer {
  return Buffer.alloc(bytes.length * times, Buffer.from(bytes));
}

function bmp([red, green, blue]: Colour): Uint8Array {
  const pixels = repeated([blue, green, red], sampleSide * sampleSide);
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + pixels.length, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(sampleSide, 18);
  header.writeInt32LE(sampleSide, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  header.writeUInt32LE(pixels.length, 34);
  return Buffer.concat([header, pixels]);
}

function tiff([red, green, blue]: Colour): Uint8Array {
  const pixels = repeated([red, green, blue], sampleSide * sampleSide);
  const [short, long] = [3, 4];
  const entries: readonly (readonly [tag: number, type: number, count: number, value: number])[] = [
    [256, short, 1, sampleSide],
    [257, short, 1, sampleSide],
    [258, short, 3, 8 + 2 + 10 * 12 + 4],
    [259, short, 1, 1],
    [262, short, 1, 2],
    [273, long, 1, 8 + 2 + 10 * 12 + 4 + 6],
    [277, short, 1, 3],
    [278, short, 1, sampleSide],
    [279, long, 1, pixels.length],
    [284, short, 1, 1],
  ];
  const header = Buffer.alloc(8 + 2 + entries.length * 12 + 4 + 6);
  header.write('II');
  header.writeUInt16LE(42, 2);
  header.writeUInt32LE(8, 4);
  header.writeUInt16LE(entries.length, 8);
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + index * 12;
    header.writeUInt16LE(tag, at);
    header.writeUInt16LE(type, at + 2);
    header.writeUInt32LE(count, at + 4);
    if (type === short && count === 1) header.writeUInt16LE(value, at + 8);
    else header.writeUInt32LE(value, at + 8);
  }
  for (let sample = 0; sample < 3; sample += 1) header.writeUInt16LE(8, header.length - 6 + sample * 2);
  return Buffer.concat([header, pixels]);
}

/** Uncompressed GIF: the code table is cleared before it would need longer codes. */
function gif([red, green, blue]: Colour): Uint8Array {
  const header = Buffer.alloc(13);
  header.write('GIF89a');
  header.writeUInt16LE(sampleSide, 6);
  header.writeUInt16LE(sampleSide, 8);
  header.set([0x80, 0, 0], 10);
  const table = Buffer.from([red, green, blue, 0, 0, 0]);
  const descriptor = Buffer.alloc(10);
  descriptor.set([0x2c, 0, 0, 0, 0]);
  descriptor.writeUInt16LE(sampleSide, 5);
  descriptor.writeUInt16LE(sampleSide, 7);
  // Seven-bit pixels: codes of eight bits as long as the table is cleared (code 128) every hundred pixels.
  const codes: number[] = [];
  for (let pixel = 0; pixel < sampleSide * sampleSide; pixel += 1) {
    if (pixel % 100 === 0) codes.push(128);
    codes.push(0);
  }
  codes.push(129);
  const blocks: Buffer[] = [];
  for (let at = 0; at < codes.length; at += 255) {
    const block = codes.slice(at, at + 255);
    blocks.push(Buffer.of(block.length, ...block));
  }
  return Buffer.concat([header, table, descriptor, Buffer.of(7), ...blocks, Buffer.of(0, 0x3b)]);
}

const jpegBase64 =
  '/9j/2wBDABsbGxscGx4hIR4qLSgtKj04MzM4PV1CR0JHQl2NWGdYWGdYjX2Xe3N7l33gsJycsOD/2c7Z////////////////2wBD' +
  'ARsbGxscGx4hIR4qLSgtKj04MzM4PV1CR0JHQl2NWGdYWGdYjX2Xe3N7l33gsJycsOD/2c7Z////////////////wgARCAEAAQAD' +
  'ASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAWAQEBAQAAAAAAAAAAAAAAAAAAAwX/2gAMAwEAAhADEAAAAJho2AAA' +
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/8QAFBABAAAAAAAAAAAAAAAAAAAAoP/aAAgBAQABPwAAH//E' +
  'ABQRAQAAAAAAAAAAAAAAAAAAAID/2gAIAQIBAT8AAH//xAAUEQEAAAAAAAAAAAAAAAAAAACA/9oACAEDAQE/AAB//9k=';

const webpBase64 =
  'UklGRsgAAABXRUJQVlA4ILwAAABwEQCdASoAAQABPxGIwVosKSckICgBgCIJaW7hdrEWgAnsCkykykykw99vZFwoAoAlLSoFku14' +
  'vMv09snIe/AEA99snIfAfpdrxcnIfQvpdrxcnIiB5OQ99snI/55OQ99snOIi5OQ99soGXi5OQ99sxlp7ZOQ99uZfp7ZOQ9+AIB77' +
  'ZOQ+A/S7Xi5OQ+hfS7Xi5OFAAP7+s1//Urvw81YX87HvqNopoHNA5oHNA4opgQJyAAAAAAAAAAAAAA==';
