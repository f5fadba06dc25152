import { mostPartBytes } from './metadata-bounds.ts';

/** A field of EXIF 3.0 about who or what made a picture, when, and what it shows. Place and camera settings are none of them. */
export type ExifField =
  | 'ImageDescription'
  | 'Make'
  | 'Model'
  | 'Software'
  | 'DateTime'
  | 'Artist'
  | 'Copyright'
  | 'DateTimeOriginal'
  | 'UserComment';

const tags: Readonly<Record<ExifField, number>> = {
  ImageDescription: 0x010e,
  Make: 0x010f,
  Model: 0x0110,
  Software: 0x0131,
  DateTime: 0x0132,
  Artist: 0x013b,
  Copyright: 0x8298,
  DateTimeOriginal: 0x9003,
  UserComment: 0x9286,
};

/** EXIF fields about the making of a picture, by their names in the standard. */
export type ExifFields = Readonly<Partial<Record<ExifField, string>>>;

/** The directory with `DateTimeOriginal` and `UserComment`. */
const exifDirectory = 0x8769;
const [textType, longType, undefinedType] = [2, 4, 7];
const mostEntries = 512;
const inner: ReadonlySet<string> = new Set(['DateTimeOriginal', 'UserComment']);

/** Reads the fields from a TIFF block, as EXIF stores them; undefined if there are none. */
export function readExif(block: Buffer): ExifFields | undefined {
  try {
    const order = block.toString('latin1', 0, 4);
    if (order !== 'II*\0' && order !== 'MM\0*') return undefined;
    const reader = new TiffReader(block, order === 'II*\0');
    const found: Record<string, string> = {};
    const directory = reader.readDirectory(reader.long(4), found);
    if (directory !== undefined) reader.readDirectory(directory, found);
    return Object.keys(found).length === 0 ? undefined : found;
  } catch {
    return undefined;
  }
}

class TiffReader {
  readonly #block: Buffer;
  readonly #isLittle: boolean;

  constructor(block: Buffer, isLittle: boolean) {
    this.#block = block;
    this.#isLittle = isLittle;
  }

  long(at: number): number {
    return this.#isLittle ? this.#block.readUInt32LE(at) : this.#block.readUInt32BE(at);
  }

  /** Adds the fields of a directory. Returns where the further directory stands, if there is one. */
  readDirectory(start: number, found: Record<string, string>): number | undefined {
    let further: number | undefined;
    const count = Math.min(mostEntries, this.#short(start));
    for (let entry = start + 2; entry < start + 2 + count * 12; entry += 12) {
      const tag = this.#short(entry);
      if (tag === exifDirectory) further = this.long(entry + 8);
      const name = Object.entries(tags).find(([, value]) => value === tag)?.[0];
      const text = name === undefined ? undefined : this.#textOf(entry);
      if (name !== undefined && text !== undefined && text !== '') found[name] = text;
    }
    return further;
  }

  #short(at: number): number {
    return this.#isLittle ? this.#block.readUInt16LE(at) : this.#block.readUInt16BE(at);
  }

  #textOf(entry: number): string | undefined {
    const [type, length] = [this.#short(entry + 2), this.long(entry + 4)];
    if ((type !== textType && type !== undefinedType) || length > mostPartBytes) return undefined;
    const at = length <= 4 ? entry + 8 : this.long(entry + 8);
    if (at + length > this.#block.length) return undefined;
    const data = this.#block.subarray(at, at + length);
    return (type === textType ? data.toString('utf8') : this.#commentOf(data)).replace(/[\0\s]+$/, '');
  }

  /** The first eight bytes name the code: `ASCII`, `UNICODE` (UTF-16 in the file's order), `JIS`, or nothing. */
  #commentOf(data: Buffer): string {
    const code = data.toString('latin1', 0, 8);
    const text = data.subarray(8);
    if (!code.startsWith('UNICODE')) return text.toString('utf8');
    const even = text.subarray(0, text.length - (text.length % 2));
    return (this.#isLittle ? even : Buffer.from(even).swap16()).toString('utf16le');
  }
}

/** A TIFF block with these fields. */
export function encodeExif(fields: ExifFields): Buffer {
  const entries = Object.entries(tags).flatMap(([name, tag]) => {
    const text = fields[name as keyof ExifFields];
    return text === undefined ? [] : [{ name, tag, data: dataOf(name, text) }];
  });
  const [outer, further] = [
    entries.filter(({ name }) => !inner.has(name)),
    entries.filter(({ name }) => inner.has(name)),
  ];
  const start = Buffer.from('II*\0\x08\0\0\0', 'latin1');
  const pointer = { tag: exifDirectory, data: Buffer.alloc(4) };
  const size = directoryOf([...outer, pointer], start.length).length;
  pointer.data.writeUInt32LE(start.length + size);
  return Buffer.concat([
    start,
    directoryOf([...outer, ...(further.length === 0 ? [] : [pointer])], start.length),
    ...(further.length === 0 ? [] : [directoryOf(further, start.length + size)]),
  ]);
}

function dataOf(name: string, text: string): Buffer {
  if (name !== 'UserComment') return Buffer.from(`${text}\0`);
  const isPlain = /^[\x20-\x7e\s]*$/.test(text);
  return Buffer.concat(
    isPlain
      ? [Buffer.from('ASCII\0\0\0'), Buffer.from(text)]
      : [Buffer.from('UNICODE\0'), Buffer.from(text, 'utf16le')],
  );
}

function directoryOf(entries: readonly { readonly tag: number; readonly data: Buffer }[], start: number): Buffer {
  const sorted = [...entries].sort((one, other) => one.tag - other.tag);
  const head = Buffer.alloc(2 + sorted.length * 12 + 4);
  head.writeUInt16LE(sorted.length, 0);
  const values: Buffer[] = [];
  let next = start + head.length;
  for (const [index, { tag, data }] of sorted.entries()) {
    const at = 2 + index * 12;
    const isPointer = tag === exifDirectory;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(isPointer ? longType : tag === tags.UserComment ? undefinedType : textType, at + 2);
    head.writeUInt32LE(isPointer ? 1 : data.length, at + 4);
    if (data.length <= 4) {
      data.copy(head, at + 8);
      continue;
    }
    head.writeUInt32LE(next, at + 8);
    const even = Buffer.concat([data, Buffer.alloc(data.length % 2)]);
    values.push(even);
    next += even.length;
  }
  return Buffer.concat([head, ...values]);
}
