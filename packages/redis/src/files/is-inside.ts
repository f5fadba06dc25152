import { isAbsolute, relative, sep } from 'node:path';

/** Whether an absolute path lies below a folder, by its text alone. */
export function isInside(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== '' && inside.split(sep)[0] !== '..' && !isAbsolute(inside);
}
