import { closeSync, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { SharedSync } from './shared-sync.ts';

const syncFile = promisify(fsync);

/** The syncs that run, by folder. */
const running = new Map<string, SharedSync>();

/**
 * Makes renames in this folder survive a power loss, if the file system supports it; Windows does not. Callers during a running sync
 * share the next one.
 * @throws the file system's error.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const sync = running.get(folder) ?? new SharedSync(() => syncNow(folder));
  running.set(folder, sync);
  try {
    await sync.run();
  } finally {
    if (sync.isIdle) running.delete(folder);
  }
}

async function syncNow(folder: string): Promise<void> {
  const descriptor = openSync(folder, 'r');
  try {
    await syncFile(descriptor);
  } catch (error) {
    if (!isNoFolderSyncError(error)) throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** What `fsync` of a folder answers where it is not supported: fsync(2), and file systems over a network or FUSE. */
const noFolderSync: ReadonlySet<string | undefined> = new Set(['EINVAL', 'EBADF', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Whether an error says that this file system cannot sync a folder. Renames in it are then as safe as they get. */
function isNoFolderSyncError(error: unknown): boolean {
  return noFolderSync.has((error as NodeJS.ErrnoException | undefined)?.code);
}
