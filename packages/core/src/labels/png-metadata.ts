import { crc32, inflateSync } from 'node:zlib';

import { encodeExif, readExif } from './exif-fields.ts';
import { mostPartBytes, mostParts } from './metadata-bounds.ts';
import type { PictureMetadata } from './picture-metadata.ts';

const xmpKeyword = 'XML:com.adobe.xmp';
const aigcKeyword = 'AIGC';

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  /** With its length and checksum. */
  readonly whole: Buffer;
}

/** @see https://www.w3.org/TR/png-3/#11textinfo */
export function readPngMetadata(file: Buffer): PictureMetadata {
  const found: { -readonly [Name in keyof PictureMetadata]: PictureMetadata[Name] } = {};
  for (const { type, data } of chunksOf(file)) {
    // C2PA specification, "Embedding manifests into PNG".
    if (type === 'caBX') found.c2pa = true;
    if (data.length > mostPartBytes) continue;
    const exif = type === 'eXIf' ? readExif(data) : undefined;
    if (exif !== undefined) found.exif ??= exif;
    const text = textOf(type, data);
    if (text?.keyword === xmpKeyword) found.xmp ??= text.text;
    if (text?.keyword === aigcKeyword) found.aigcText ??= text.text;
  }
  return found;
}

export function writePngMetadata(file: Buffer, { aigcText, xmp, exif }: PictureMetadata): Buffer {
  const [header, ...others] = chunksOf(file);
  if (header === undefined) return file;
  return Buffer.concat([
    file.subarray(0, 8),
    header.whole,
    ...(aigcText === undefined ? [] : [aigcChunk(aigcText)]),
    ...(xmp === undefined ? [] : [internationalText(xmpKeyword, xmp)]),
    ...(exif === undefined ? [] : [chunk('eXIf', encodeExif(exif))]),
    ...others.filter((one) => !isMetadata(one)).map(({ whole }) => whole),
  ]);
}

function isMetadata({ type, data }: Chunk): boolean {
  if (type === 'caBX' || type === 'eXIf') return true;
  const keyword = keywordOf(type, data);
  return keyword === xmpKeyword || keyword === aigcKeyword;
}

/** The chunks of a file, up to the end of its picture or to where it is broken. */
function chunksOf(file: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= file.length && chunks.length < mostParts;) {
    const end = at + 12 + file.readUInt32BE(at);
    if (end > file.length) throw new RangeError('A chunk is cut off.');
    const type = file.toString('latin1', at + 4, at + 8);
    chunks.push({ type, data: file.subarray(at + 8, end - 4), whole: file.subarray(at, end) });
    if (type === 'IEND') break;
    at = end;
  }
  return chunks;
}

function keywordOf(type: string, data: Buffer): string | undefined {
  if (!['tEXt', 'zTXt', 'iTXt'].includes(type)) return undefined;
  const end = data.subarray(0, 80).indexOf(0);
  return end < 1 ? undefined : data.toString('latin1', 0, end);
}

function textOf(type: string, data: Buffer): { readonly keyword: string; readonly text: string } | undefined {
  const keyword = keywordOf(type, data);
  if (keyword !== xmpKeyword && keyword !== aigcKeyword) return undefined;
  const after = data.subarray(keyword.length + 1);
  if (type === 'tEXt') return { keyword, text: decode(after) };
  // After the keyword: the method, which is always 0.
  if (type === 'zTXt') return { keyword, text: decode(inflated(after.subarray(1))) };
  // A flag, a method, a language and a translated keyword.
  const language = after.indexOf(0, 2);
  const translated = language < 0 ? -1 : after.indexOf(0, language + 1);
  if (translated < 0) return undefined;
  const text = after.subarray(translated + 1);
  return { keyword, text: decode(after[0] === 1 ? inflated(text) : text) };
}

function inflated(data: Buffer): Buffer {
  try {
    return inflateSync(data, { maxOutputLength: mostPartBytes });
  } catch {
    return Buffer.alloc(0);
  }
}

/** `tEXt` is Latin-1 by the standard, but services write UTF-8. */
function decode(data: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return data.toString('latin1');
  }
}

function aigcChunk(text: string): Buffer {
  const isPlain = /^[\x20-\x7e\s]*$/.test(text);
  return isPlain ? chunk('tEXt', Buffer.from(`${aigcKeyword}\0${text}`)) : internationalText(aigcKeyword, text);
}

function internationalText(keyword: string, text: string): Buffer {
  return chunk('iTXt', Buffer.from(`${keyword}\0\0\0\0\0${text}`));
}

function chunk(type: string, data: Buffer): Buffer {
  const whole = Buffer.alloc(12 + data.length);
  whole.writeUInt32BE(data.length, 0);
  whole.write(type, 4, 'latin1');
  data.copy(whole, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, 8 + data.length)), 8 + data.length);
  return whole;
}
