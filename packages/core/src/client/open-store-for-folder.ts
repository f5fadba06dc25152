import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { makeFolder } from '../internal/make-folder.ts';
import type { ImageWarning } from '../contract/index.ts';
import { findSqliteStore, openSqliteStore } from '../stores/sqlite/sqlite-store.ts';
import type { Store } from '../stores/store.ts';
import { storageError } from '../tasks/as-image-error.ts';

/** How the store of a folder is opened. */
export interface OpenStoreOptions {
  /** Moves the SQLite file away from the folder. Default: `HOLODECK_STATE_DIR`, else the folder itself. */
  readonly stateDir?: string;
  readonly onWarning?: (warning: ImageWarning) => void;
}

interface Shared {
  readonly store: Promise<Store>;
  users: number;
}

const open = new Map<string, Shared>();

/**
 * Opens the store of an output folder and creates the folder if it is missing. All users in a process share one connection, which
 * the last `close` closes.
 * @throws {ImageError} kind `storage`.
 */
export async function openStoreForFolder(folder: string, options: OpenStoreOptions = {}): Promise<Store> {
  const path = resolve(folder);
  try {
    await makeFolder(path);
  } catch (error) {
    throw storageError(error, path, 'not-submitted');
  }
  const stateDir = options.stateDir ?? (process.env['HOLODECK_STATE_DIR'] || undefined);
  const key = `${realpathSync(path)}\n${stateDir ?? ''}`;
  const shared = open.get(key) ?? {
    users: 0,
    store: openSqliteStore({
      folder: path,
      ...(stateDir === undefined ? {} : { stateDir }),
      ...(options.onWarning === undefined ? {} : { onWarning: options.onWarning }),
    }),
  };
  open.set(key, shared);
  shared.users += 1;
  try {
    return lease(await shared.store, () => {
      shared.users -= 1;
      if (shared.users > 0) return false;
      open.delete(key);
      return true;
    });
  } catch (error) {
    open.delete(key);
    throw error;
  }
}

/** The store of a folder, if there is one; creates nothing. @throws {ImageError} kind `storage` if it cannot be used. */
export async function openExistingStoreForFolder(
  folder: string,
  options: OpenStoreOptions = {},
): Promise<Store | undefined> {
  const stateDir = options.stateDir ?? (process.env['HOLODECK_STATE_DIR'] || undefined);
  const file = await findSqliteStore({ folder, ...(stateDir === undefined ? {} : { stateDir }) });
  return file === undefined ? undefined : openStoreForFolder(folder, options);
}

/** The shared store, with a `close` that counts once for each user. */
function lease(store: Store, giveBack: () => boolean): Store {
  let closed = false;
  return {
    kind: store.kind,
    durable: store.durable,
    location: store.location,
    tasks: store.tasks,
    sessions: store.sessions,
    registerOwner: (owner) => store.registerOwner(owner),
    isOwnerAlive: (ownerId) => store.isOwnerAlive(ownerId),
    async close() {
      if (closed) return;
      closed = true;
      if (giveBack()) await store.close();
    },
  };
}
