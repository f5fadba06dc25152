import { invalidRequest } from './internal/errors.ts';

/** Longest id, in Unicode code points. */
const maxLength = 64;
/** Most file systems allow 255 bytes for a name; this leaves room for `.original.png` and temporary suffixes. */
const maxBytes = 200;

const allowed = /^[\p{L}\p{M}\p{Nd}\-_.]+$/u;

/**
 * Names of devices on Windows, with or without an extension.
 *
 * @see https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
const reservedOnWindows = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$/iu;

/** The form in which ids are compared: two ids that differ only in case name the same file on many systems. */
export function foldId(id: string): string {
  // Decomposed first: some capitals exist only as a letter with its marks.
  return id.normalize('NFD').toUpperCase().toLowerCase().normalize('NFD');
}

/** What is wrong with an id, as the end of a sentence; undefined when it is fine. */
function problemOf(id: unknown): string | undefined {
  if (typeof id !== 'string') return `must be a string, not ${id === null ? 'null' : typeof id}`;
  if (id === '') return 'is empty';
  if (!id.isWellFormed()) return 'contains a lone surrogate';
  if (id !== id.normalize('NFC')) return 'is not in Unicode normal form NFC; use `id.normalize("NFC")`';
  if (Array.from(id).length > maxLength) return `is longer than ${maxLength} characters`;
  if (!allowed.test(id) || /^\p{M}/u.test(id)) {
    return 'has characters other than letters, digits, "-", "_" and inner dots';
  }
  if (id.startsWith('.') || id.endsWith('.')) return 'begins or ends with a dot';
  if (Buffer.byteLength(id) > maxBytes) return `takes more than ${maxBytes} bytes in UTF-8`;
  if (reservedOnWindows.test(id)) return 'is a reserved name on Windows';
  return undefined;
}

/**
 * Checks the id of a session: 1-64 letters of any script (NFC), digits, `-`, `_` and inner dots, and no name that
 * Windows reserves.
 *
 * @throws ImageError of kind `invalid-request` that names the id and the rule.
 */
export function assertSessionId(id: unknown): asserts id is string {
  const problem = problemOf(id);
  if (problem !== undefined) throw invalidRequest(`The session id ${quote(id)} ${problem}.`);
}

/**
 * Checks the id of an object or of another image; the rule is that of `assertSessionId`. Ids that end in `.original` are
 * refused too, because their file would be taken for the original of another card.
 *
 * @throws ImageError of kind `invalid-request` that names the id and the rule.
 */
export function assertObjectId(id: unknown): asserts id is string {
  const problem = problemOf(id) ?? (/\.original$/iu.test(id as string) ? 'ends in ".original"' : undefined);
  if (problem !== undefined) throw invalidRequest(`The id ${quote(id)} ${problem}.`);
}

/**
 * Refuses ids that are equal, or equal but for case.
 *
 * @throws ImageError of kind `invalid-request` that names both.
 */
export function assertDistinctIds(ids: Iterable<string>): void {
  const seen = new Map<string, string>();
  for (const id of ids) {
    const other = seen.get(foldId(id));
    if (other === id) throw invalidRequest(`The id ${quote(id)} is used twice. Give each object an id of its own.`);
    if (other !== undefined) {
      throw invalidRequest(
        `The ids ${quote(other)} and ${quote(id)} differ only in case and would share a file on many systems. Rename one.`,
      );
    }
    seen.set(foldId(id), id);
  }
}

/**
 * An id made from a name: `"Brass desk lamp"` becomes `"Brass-desk-lamp"`, `"书架"` stays. Always a legal id; one that is
 * in `taken` (compared without case) gets `-2`, `-3`, ...
 */
export function objectIdFromName(name: string, taken: Iterable<string> = []): string {
  const used = new Set([...taken].map(foldId));
  const base = baseIdOf(name);
  let id = base;
  for (let ordinal = 2; used.has(foldId(id)); ordinal += 1) {
    const suffix = `-${ordinal}`;
    id = `${cut(base, maxLength - suffix.length)}${suffix}`;
  }
  return id;
}

function baseIdOf(name: string): string {
  const words = name
    .toWellFormed()
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{Nd}_.]+/gu, '-')
    .replace(/^[-.\p{M}]+|[-.]+$/gu, '');
  const id = cut(words, maxLength).replace(/[-.]+$/u, '');
  if (id === '') return 'object';
  return problemOf(id) === undefined && !/\.original$/iu.test(id)
    ? id
    : cut(`object-${id.replaceAll('.', '-')}`, maxLength);
}

function cut(text: string, length: number): string {
  let result = Array.from(text).slice(0, length).join('');
  while (Buffer.byteLength(result) > maxBytes - 3) result = Array.from(result).slice(0, -1).join('');
  return result.normalize('NFC');
}

function quote(id: unknown): string {
  return JSON.stringify(typeof id === 'string' ? id.slice(0, 100).toWellFormed() : String(id));
}
