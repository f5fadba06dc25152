import { encodeExif, readExif } from './exif-fields.ts';
import { mostPartBytes, mostParts } from './metadata-bounds.ts';
import type { PictureMetadata } from './picture-metadata.ts';

interface Chunk {
  readonly name: string;
  readonly data: Buffer;
}

/** Flags of the extended format. */
const [exifFlag, xmpFlag, alphaFlag] = [0x08, 0x04, 0x10];

/** @see https://developers.google.com/speed/webp/docs/riff_container */
export function readWebpMetadata(file: Buffer): PictureMetadata {
  const found: { -readonly [Name in keyof PictureMetadata]: PictureMetadata[Name] } = {};
  for (const { name, data } of chunksOf(file)) {
    // C2PA specification, "Embedding manifests into RIFF-based assets".
    if (name === 'C2PA') found.c2pa = true;
    if (data.length > mostPartBytes) continue;
    if (name === 'XMP ') found.xmp ??= data.toString('utf8');
    const exif = name === 'EXIF' ? readExif(withoutStart(data)) : undefined;
    if (exif !== undefined) found.exif ??= exif;
  }
  return found;
}

export function writeWebpMetadata(file: Buffer, { xmp, exif }: PictureMetadata): Buffer {
  const kept = chunksOf(file).filter(({ name }) => !['XMP ', 'EXIF', 'C2PA', 'VP8X'].includes(name));
  const extended = chunksOf(file).find(({ name }) => name === 'VP8X')?.data ?? extendedHeader(kept[0]);
  if (extended === undefined) return file;
  const header = Buffer.from(extended);
  header[0] =
    (header[0]! & ~(exifFlag | xmpFlag)) | (exif === undefined ? 0 : exifFlag) | (xmp === undefined ? 0 : xmpFlag);
  const chunks = [
    { name: 'VP8X', data: header },
    ...kept,
    ...(exif === undefined ? [] : [{ name: 'EXIF', data: encodeExif(exif) }]),
    ...(xmp === undefined ? [] : [{ name: 'XMP ', data: Buffer.from(xmp) }]),
  ];
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks.flatMap(encoded)]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from('RIFF'), size, body]);
}

function chunksOf(file: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = [];
  const last = Math.min(file.length, 8 + file.readUInt32LE(4));
  for (let at = 12; at + 8 <= last && chunks.length < mostParts;) {
    const end = at + 8 + file.readUInt32LE(at + 4);
    if (end > file.length) throw new RangeError('A chunk is cut off.');
    chunks.push({ name: file.toString('latin1', at, at + 4), data: file.subarray(at + 8, end) });
    // Chunks begin at even places.
    at = end + (end % 2);
  }
  return chunks;
}

function encoded({ name, data }: Chunk): readonly Buffer[] {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length);
  return [Buffer.from(name, 'latin1'), size, data, Buffer.alloc(data.length % 2)];
}

/** The header that a file of the simple format lacks, from the header of its pixels. */
function extendedHeader(pixels: Chunk | undefined): Buffer | undefined {
  if (pixels === undefined) return undefined;
  const { name, data } = pixels;
  const header = Buffer.alloc(10);
  if (name === 'VP8 ' && data.length >= 10) {
    header.writeUIntLE((data.readUInt16LE(6) & 0x3fff) - 1, 4, 3);
    header.writeUIntLE((data.readUInt16LE(8) & 0x3fff) - 1, 7, 3);
    return header;
  }
  if (name !== 'VP8L' || data.length < 5) return undefined;
  const bits = data.readUInt32LE(1);
  header[0] = (bits >>> 28) & 1 ? alphaFlag : 0;
  header.writeUIntLE(bits & 0x3fff, 4, 3);
  header.writeUIntLE((bits >>> 14) & 0x3fff, 7, 3);
  return header;
}

/** Some writers put the start of JPEG's segment before the fields. */
function withoutStart(data: Buffer): Buffer {
  return data.toString('latin1', 0, 6) === 'Exif\0\0' ? data.subarray(6) : data;
}
