/** What a body is, by its first bytes: headers are often wrong. */
export type BodyForm = 'json' | 'events' | 'picture' | 'markup' | 'other' | 'empty';

const pictureMagic: readonly (readonly number[])[] = [
  [0x89, 0x50, 0x4e, 0x47],
  [0xff, 0xd8, 0xff],
  [0x52, 0x49, 0x46, 0x46],
  [0x47, 0x49, 0x46, 0x38],
];

const byteOrderMark = [0xef, 0xbb, 0xbf];

/** Tab, line ends and blank. */
const blanks: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20]);
/** What follows the blanks decides by its first bytes: a whole chunk as a text costs more than all else that is done with it. */
const decidingBytes = 1024;

/**
 * The form of a body that begins with `head`; undefined while more bytes could decide it.
 * @param final Whether no more bytes will come.
 */
export function bodyForm(head: Uint8Array, final: boolean): BodyForm | undefined {
  if (pictureMagic.some((magic) => magic.every((byte, index) => head[index] === byte))) return 'picture';
  const mayBecome = [...pictureMagic, byteOrderMark].some(
    (magic) => head.length < magic.length && magic.slice(0, head.length).every((byte, index) => head[index] === byte),
  );
  if (mayBecome && !final) return undefined;
  const start = head.findIndex((byte) => !blanks.has(byte));
  const text = Buffer.from(start === -1 ? [] : head.subarray(start, start + decidingBytes))
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (text === '') return final ? 'other' : undefined;
  if (text.startsWith('{') || text.startsWith('[')) return 'json';
  if (text.startsWith('<')) return 'markup';
  if (/^(?:event|data|id|retry)?:/.test(text)) return 'events';
  // It may be the first letters of a field name.
  const mayBecomeField = ['event:', 'data:', 'id:', 'retry:'].some((field) => field.startsWith(text));
  return mayBecomeField && !final ? undefined : 'other';
}
