import type { Message } from '@holodeck/core/messages';

import { invalidRequest } from './internal/errors.ts';
import { say } from './request-messages.ts';

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

/** What is wrong with an id; undefined if nothing is. */
function problemOf(id: unknown, kind: 'session-id' | 'object-id'): Message | undefined {
  const subject = say(kind, { id: quote(id) });
  if (typeof id !== 'string') return say('id-type', { subject, type: id === null ? 'null' : typeof id });
  if (id === '') return say('id-empty', { subject });
  if (!id.isWellFormed()) return say('id-surrogate', { subject });
  if (id !== id.normalize('NFC')) return say('id-form', { subject });
  if (Array.from(id).length > maxLength) return say('id-long', { subject, most: maxLength });
  if (!allowed.test(id) || /^\p{M}/u.test(id)) return say('id-characters', { subject });
  if (id.startsWith('.') || id.endsWith('.')) return say('id-dot', { subject });
  if (Buffer.byteLength(id) > maxBytes) return say('id-bytes', { subject, most: maxBytes });
  if (reservedOnWindows.test(id)) return say('id-reserved', { subject });
  return kind === 'object-id' && /\.original$/iu.test(id) ? say('id-original', { subject }) : undefined;
}

/** Whether an id can be that of a session. A store may keep other records beside its sessions, whose ids cannot. */
export function isSessionId(id: string): boolean {
  return problemOf(id, 'session-id') === undefined;
}

/**
 * Checks the id of a session: 1-64 letters of any script (NFC), digits, `-`, `_` and inner dots, but not a name that
 * Windows reserves.
 *
 * @throws ImageError of kind `invalid-request` that names the id and the rule.
 */
export function assertSessionId(id: unknown): asserts id is string {
  const problem = problemOf(id, 'session-id');
  if (problem !== undefined) throw invalidRequest(problem);
}

/**
 * Checks the id of an object or of another image; the rule is that of `assertSessionId`. Ids that end in `.original` are
 * refused too, because their file would be taken for the original of another card.
 *
 * @throws ImageError of kind `invalid-request` that names the id and the rule.
 */
export function assertObjectId(id: unknown): asserts id is string {
  const problem = problemOf(id, 'object-id');
  if (problem !== undefined) throw invalidRequest(problem);
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
    if (other === id) throw invalidRequest(say('id-twice', { id: quote(id) }));
    if (other !== undefined) throw invalidRequest(say('id-case', { other: quote(other), id: quote(id) }));
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
  return problemOf(id, 'object-id') === undefined ? id : cut(`object-${id.replaceAll('.', '-')}`, maxLength);
}

function cut(text: string, length: number): string {
  let result = Array.from(text).slice(0, length).join('');
  while (Buffer.byteLength(result) > maxBytes - 3) result = Array.from(result).slice(0, -1).join('');
  return result.normalize('NFC');
}

function quote(id: unknown): string {
  return JSON.stringify(typeof id === 'string' ? id.slice(0, 100).toWellFormed() : String(id));
}
