import { encodeExif, readExif } from './exif-fields.ts';
import { mostParts } from './metadata-bounds.ts';
import type { PictureMetadata } from './picture-metadata.ts';

/** XMP specification part 3, "JPEG". */
const xmpStart = 'http://ns.adobe.com/xap/1.0/\0';
const exifStart = 'Exif\0\0';
/** A segment's length counts itself and has two bytes. */
const mostSegmentBytes = 65_533;

const [app0, app1, app11, startOfScan] = [0xe0, 0xe1, 0xeb, 0xda];

interface Segment {
  readonly marker: number;
  readonly data: Buffer;
  /** With its marker and length. */
  readonly whole: Buffer;
}

export function readJpegMetadata(file: Buffer): PictureMetadata {
  const found: { -readonly [Name in keyof PictureMetadata]: PictureMetadata[Name] } = {};
  for (const segment of segmentsOf(file).segments) {
    const { data } = segment;
    if (isC2pa(segment)) found.c2pa = true;
    if (isXmp(segment)) found.xmp ??= data.toString('utf8', xmpStart.length);
    const exif = isExif(segment) ? readExif(data.subarray(exifStart.length)) : undefined;
    if (exif !== undefined) found.exif ??= exif;
  }
  return found;
}

export function writeJpegMetadata(file: Buffer, { xmp, exif }: PictureMetadata): Buffer {
  const { segments, end } = segmentsOf(file);
  const kept = segments.filter((one) => !isXmp(one) && !isExif(one) && !isC2pa(one));
  // JFIF's own segment stands first.
  const first = kept[0]?.marker === app0 ? kept.slice(0, 1) : [];
  return Buffer.concat([
    file.subarray(0, 2),
    ...first.map(({ whole }) => whole),
    ...(exif === undefined ? [] : segment(exifStart, encodeExif(exif))),
    ...(xmp === undefined ? [] : segment(xmpStart, Buffer.from(xmp))),
    ...kept.slice(first.length).map(({ whole }) => whole),
    file.subarray(end),
  ]);
}

const isXmp = ({ marker, data }: Segment): boolean => marker === app1 && startsWith(data, xmpStart);
const isExif = ({ marker, data }: Segment): boolean => marker === app1 && startsWith(data, exifStart);
/** C2PA specification, "Embedding manifests into JPEG": JUMBF in `APP11`; its first segment bears the label. */
const isC2pa = ({ marker, data }: Segment): boolean =>
  marker === app11 && startsWith(data, 'JP') && data.subarray(0, 128).includes('c2pa');

function startsWith(data: Buffer, text: string): boolean {
  return data.toString('latin1', 0, text.length) === text;
}

/** The segments before the pixels, and where they end. */
function segmentsOf(file: Buffer): { readonly segments: readonly Segment[]; readonly end: number } {
  const segments: Segment[] = [];
  let at = 2;
  while (at + 4 <= file.length && segments.length < mostParts) {
    if (file[at] !== 0xff) throw new RangeError('A segment is broken.');
    const marker = file[at + 1]!;
    if (marker === startOfScan) break;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const end = at + 2 + file.readUInt16BE(at + 2);
    if (end > file.length) throw new RangeError('A segment is cut off.');
    segments.push({ marker, data: file.subarray(at + 4, end), whole: file.subarray(at, end) });
    at = end;
  }
  return { segments, end: at };
}

/** A segment; none if its data are too long for one. */
function segment(start: string, data: Buffer): readonly Buffer[] {
  const length = start.length + data.length;
  if (length > mostSegmentBytes) return [];
  const head = Buffer.from([0xff, app1, (length + 2) >> 8, (length + 2) & 0xff]);
  return [head, Buffer.from(start, 'latin1'), data];
}
