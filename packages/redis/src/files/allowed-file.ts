import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isInside } from './is-inside.ts';

/**
 * The real path of a regular file below a folder, with all links followed; undefined for everything else. It never touches
 * paths outside the folder, so the answer does not reveal what exists there.
 */
export async function findAllowedFile(folder: string, path: string): Promise<string | undefined> {
  const wanted = resolve(path);
  try {
    const root = await realpath(folder);
    if (!isInside(resolve(folder), wanted) && !isInside(root, wanted)) return undefined;
    const real = await realpath(wanted);
    return isInside(root, real) && (await stat(real)).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
}
