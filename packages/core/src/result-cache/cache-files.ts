import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Unfinished files older than this belong to a process that died, in milliseconds. */
const staleMs = 60 * 60 * 1000;

/** One file of the cache. */
export interface CacheFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was last used, Unix time in milliseconds. */
  readonly usedAtMs: number;
}

/** The folder of an entry: entries are spread over 256 folders. */
export function shardOf(root: string, key: string): string {
  return join(root, key.slice(0, 2));
}

/** Where unfinished entries lie. */
export function unfinishedFolder(root: string): string {
  return join(root, 'unfinished');
}

/** All entries. Folders and files that go meanwhile are passed over. */
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

/** Removes unfinished files: all of them, or those that a dead process has left. */
export async function sweepUnfinished(root: string, nowMs: number, all: boolean = false): Promise<void> {
  const folder = unfinishedFolder(root);
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts !== undefined && (all || nowMs - facts.mtimeMs > staleMs)) await remove(path);
  }
}

/** Resolves false where the file was not there any more, or cannot be removed. */
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
