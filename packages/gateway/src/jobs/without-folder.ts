import { sep } from 'node:path';

/** The same plain JSON, with paths in the folder as they are seen from there: what callers read names no place of this machine. */
export function withoutFolder<T>(value: T, folder: string): T {
  const pattern = (text: string): string =>
    JSON.stringify(text)
      .slice(1, -1)
      .replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  // The folder as a whole path or the beginning of one, not as a part of an address or of a longer name.
  const path = new RegExp(String.raw`(?<![\w.-])${pattern(folder)}(?:(${pattern(sep)})|(?![\w-]))`, 'g');
  const text = JSON.stringify(value).replace(path, (_whole, inside?: string) => (inside === undefined ? '.' : ''));
  return JSON.parse(text) as T;
}
