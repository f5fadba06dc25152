import { createHash } from 'node:crypto';

/**
 * The session id of a scene text when none is given: its first words and a hash of the whole, so that the same command
 * finds its session again. Only the text counts: a change of style keeps the session.
 */
export function sessionIdFromText(text: string): string {
  const normalized = text.normalize('NFC').trim();
  const words = normalized
    .replaceAll(/[^\p{L}\p{Nd}\p{M}]+/gu, '-')
    .replaceAll(/^[-\p{M}]+|-+$/gu, '')
    .toLowerCase();
  const start = Array.from(words).slice(0, 32).join('').replace(/-+$/, '');
  const hash = createHash('sha256').update(normalized).digest('hex').slice(0, 8);
  return start === '' ? `scene-${hash}` : `${start}-${hash}`;
}
