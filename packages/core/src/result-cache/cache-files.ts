import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Unfinished files older than this belong to a dead process. */
const staleMs = 60 * 60 * 1000;

/** One file of the cache. */
export interface CacheFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was last used, Unix time in milliseconds. */
  readonly usedAtMs: number;
}

/** The folder of an entry, one of 256. */
export function shardOf(root: string, key: string): string {
  return join(root, key.slice(0, 2));
}

export function unfinishedFolder(root: string): string {
  return join(root, 'unfinished');
}

/** All entries. Skips what disappears meanwhile. */
export async function listEntries(root: string): Promise<CacheFile[]> {
  const files: CacheFile[] = [];
  for (const shard of await namesIn(root)) {
    if (!/^[0-9a-f]{2}$/.test(shard)) continue;
    const folder = join(root, shard);
    const found = await Promise.all(
      (await namesIn(folder)).map(async (name): Promise<CacheFile | undefined> => {
        const path = join(folder, name);
        const facts = await stat(path).catch(() => undefined);
        return facts?.isFile() === true ? { path, bytes: facts.size, usedAtMs: facts.mtimeMs } : undefined;
      }),
    );
    for (const file of found) if (file !== undefined) files.push(file);
  }
  return files;
}

/** Removes unfinished files: all, or those of dead processes. */
export async function sweepUnfinished(root: string, nowMs: number, all: boolean = false): Promise<void> {
  const folder = unfinishedFolder(root);
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts !== undefined && (all || nowMs - facts.mtimeMs > staleMs)) await remove(path);
  }
}

/** Resolves false if the file is gone or cannot be removed. */
export async function remove(path: string): Promise<boolean> {
  return unlink(path).then(
    () => true,
    () => false,
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
