import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Core's `makeFolder` for the publish section, which is synchronous: Node's own `recursive` never ends where a file system
 * makes no folders, as Linux does below `/proc`.
 * @throws the file system's error.
 */
export function makeFolderNow(path: string): void {
  try {
    makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    makeFolderNow(parent);
    makeOne(path);
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    // Some file systems name another reason than that the folder exists.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}
