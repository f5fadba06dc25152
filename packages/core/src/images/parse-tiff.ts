import { viewOf } from './byte-parser.ts';
import type { ByteParser } from './byte-parser.ts';
import type { ImageFacts } from './image-info.ts';

const byteLengthOfType = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const maxDirectoryLength = 64 * 1024;

interface Field {
  readonly count: number;
  readonly type: number;
  /** The value itself if it fits into four bytes, else its offset. */
  readonly value: number;
  readonly offset: number | undefined;
}

/**
 * TIFF after its first four bytes (TIFF 6.0, section 2). The first directory gives the size. Complete = the directory, its values
 * and its strips or tiles are within the file. If the lists of strips come before the directory, so do the strips, and only
 * the directory is checked.
 */
export function* parseTiff(facts: ImageFacts, littleEndian: boolean): ByteParser {
  const directoryOffset = viewOf(yield { take: 4 }).getUint32(0, littleEndian);
  if (directoryOffset < 8) return;
  yield { skip: directoryOffset - 8 };
  const entries = viewOf(yield { take: 2 }).getUint16(0, littleEndian);
  if (entries * 12 > maxDirectoryLength) return;
  const fields = readFields(viewOf(yield { take: entries * 12 }), entries, littleEndian);
  let position = directoryOffset + 2 + entries * 12;
  facts.width = fields.get(256)?.value ?? 0;
  facts.height = fields.get(257)?.value ?? 0;
  facts.hasAlpha = fields.has(338);

  let end = position;
  for (const { offset, type, count } of fields.values()) {
    if (offset !== undefined) end = Math.max(end, offset + (byteLengthOfType[type] ?? 0) * count);
  }
  const offsets = fields.get(273) ?? fields.get(324);
  const lengths = fields.get(279) ?? fields.get(325);
  if (offsets === undefined) return;
  const lists = [offsets, lengths]
    .filter((field) => field !== undefined)
    .toSorted((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
  const last = new Map<Field, number>();
  for (const field of lists) {
    if (field.offset === undefined) last.set(field, field.value);
    else {
      const size = byteLengthOfType[field.type] ?? 4;
      const at = field.offset + size * (field.count - 1);
      if (at < position) continue;
      yield { skip: at - position };
      const view = viewOf(yield { take: size });
      position = at + size;
      last.set(field, size === 2 ? view.getUint16(0, littleEndian) : view.getUint32(0, littleEndian));
    }
  }
  // In practice strips are in order, so the last one reaches furthest.
  const lastOffset = last.get(offsets);
  if (lastOffset !== undefined)
    end = Math.max(end, lastOffset + (lengths === undefined ? 1 : (last.get(lengths) ?? 1)));
  yield { skip: Math.max(0, end - position) };
  facts.complete = true;
}

function readFields(view: DataView, entries: number, littleEndian: boolean): Map<number, Field> {
  const fields = new Map<number, Field>();
  for (let entry = 0; entry < entries; entry += 1) {
    const start = entry * 12;
    const type = view.getUint16(start + 2, littleEndian);
    const count = view.getUint32(start + 4, littleEndian);
    const inline = (byteLengthOfType[type] ?? 4) * count <= 4;
    const value =
      type === 3 && inline ? view.getUint16(start + 8, littleEndian) : view.getUint32(start + 8, littleEndian);
    fields.set(view.getUint16(start, littleEndian), { count, type, value, offset: inline ? undefined : value });
  }
  return fields;
}
