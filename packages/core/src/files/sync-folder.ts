import { closeSync, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { isNoFolderSyncError } from '../stores/disk-reserve.ts';
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
