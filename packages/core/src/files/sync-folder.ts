import { closeSync, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { isNoFolderSyncError } from '../stores/disk-reserve.ts';

const syncFile = promisify(fsync);

/** For each folder: the running sync, and the next one, which all later callers share. */
const running = new Map<string, Promise<void>>();
const next = new Map<string, Promise<void>>();

/**
 * Makes renames in this folder survive a power loss, if the file system supports it; Windows does not. Callers during a running sync
 * share the next one, which starts after all their renames.
 * @throws the file system's error.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const current = running.get(folder);
  if (current === undefined) return start(folder);
  let shared = next.get(folder);
  if (shared === undefined) {
    shared = current
      .catch(() => undefined)
      .then(() => {
        next.delete(folder);
        return start(folder);
      });
    next.set(folder, shared);
  }
  return shared;
}

function start(folder: string): Promise<void> {
  const sync = syncNow(folder).finally(() => {
    if (running.get(folder) === sync) running.delete(folder);
  });
  running.set(folder, sync);
  return sync;
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
