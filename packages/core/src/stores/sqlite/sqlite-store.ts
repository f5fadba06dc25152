import { createHash } from 'node:crypto';
import { access, realpath, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder } from '../../internal/make-folder.ts';
import type { ImageWarning } from '../../contract/index.ts';
import { systemClock, type Clock } from '../../internal/clock.ts';
import { DiskReserve } from '../disk-reserve.ts';
import { refuseEmptyStore } from './empty-store.ts';
import { findNetworkFileSystem } from './network-file-system.ts';
import { makePrivateDirectory } from '../../files/private-directory.ts';
import type { Store } from '../store.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { SqliteOwners } from './sqlite-owners.ts';
import { storeApplicationId, storeMigrations } from './sqlite-schema.ts';
import { SqliteSessions } from './sqlite-sessions.ts';
import { SqliteTasks } from './sqlite-tasks.ts';
import { configuredStateDirectory } from './state-directory.ts';
import { toStorageError } from '../storage-error.ts';
import type { Environment } from '../../contract/environment.ts';

/** What `openSqliteStore` takes. */
export interface SqliteStoreOptions {
  /** The output folder that the store belongs to. Created if it does not exist. */
  readonly folder: string;
  /**
   * Keeps the file at `<stateDir>/<hash of folder>/store.sqlite` instead of `<folder>/.holodeck/store.sqlite`, for folders on
   * a network file system. Default: `HOLODECK_STATE_DIR`, else the folder itself.
   */
  readonly stateDir?: string;
  /** Called if the file is on a network file system, where several hosts cannot share it safely. */
  readonly onWarning?: (warning: ImageWarning) => void;
  /** Where `HOLODECK_STATE_DIR` is read. Default `process.env`. */
  readonly environment?: Environment;
  /** For tests: a clock, the wait for a locked file in milliseconds, the lookup of a network file system. */
  readonly internal?: {
    readonly clock?: Clock;
    readonly busyTimeoutMs?: number;
    readonly findNetworkFileSystem?: (folder: string) => Promise<string | undefined>;
  };
}

/**
 * Opens the store of an output folder: one SQLite file in WAL mode that several processes of this machine can share. Its
 * folder gets mode 0700, the file 0600.
 *
 * @throws {ImageError} of kind `storage` if the folder cannot be written, or the file is damaged, locked, of a newer version
 * or of another program. Nothing is repaired or deleted silently.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const {
    clock = systemClock,
    busyTimeoutMs,
    findNetworkFileSystem: find = findNetworkFileSystem,
  } = options.internal ?? {};
  const directory = await prepareDirectory(options);
  const fileSystem = await find(directory);
  if (fileSystem !== undefined) {
    options.onWarning?.({
      code: 'storage',
      message: `The store in ${directory} is on a network file system (${fileSystem}), where SQLite cannot keep several hosts apart and may damage the file. Set stateDir or HOLODECK_STATE_DIR to a folder on a local disk; images still go to the output folder.`,
    });
  }
  const file = join(directory, 'store.sqlite');
  await refuseEmptyStore(file, resolve(options.folder));
  const database = await SqliteDatabase.open({
    file,
    applicationId: storeApplicationId,
    migrations: storeMigrations,
    ...(busyTimeoutMs === undefined ? {} : { busyTimeoutMs }),
  });
  const owners = new SqliteOwners(database, clock);
  const reserve = new DiskReserve(directory);
  return {
    kind: 'sqlite',
    durable: true,
    location: database.file,
    tasks: new SqliteTasks(database, clock, (ownerId) => owners.isAliveNow(ownerId), reserve),
    sessions: new SqliteSessions(database, clock),
    registerOwner: (owner) => owners.register(owner),
    isOwnerAlive: (ownerId) => owners.isAlive(ownerId),
    async close() {
      await reserve.giveUp();
      await owners.close();
      await database.close();
    },
  };
}

async function prepareDirectory(options: SqliteStoreOptions): Promise<string> {
  const folder = resolve(options.folder);
  const stateDir = stateDirOf(options);
  let directory = stateDir === undefined ? join(folder, '.holodeck') : resolve(stateDir);
  try {
    await makeFolder(folder);
    directory = await directoryOf(folder, stateDir);
    await makePrivateDirectory(directory);
    if (stateDir === undefined) await keepOutOfGit(directory);
    return directory;
  } catch (error) {
    throw toStorageError(error, directory);
  }
}

/** The file of a folder's store, if there is one. Creates nothing. */
export async function findSqliteStore(options: SqliteStoreOptions): Promise<string | undefined> {
  try {
    const file = join(await directoryOf(resolve(options.folder), stateDirOf(options)), 'store.sqlite');
    await access(file);
    return file;
  } catch {
    return undefined;
  }
}

function stateDirOf({ stateDir, environment }: SqliteStoreOptions): string | undefined {
  return stateDir ?? configuredStateDirectory(environment ?? process.env);
}

/** The directory of the store of an existing folder. */
async function directoryOf(folder: string, stateDir: string | undefined): Promise<string> {
  if (stateDir === undefined) return join(folder, '.holodeck');
  // The real path: a link to the folder leads to the same store.
  const digest = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex');
  return join(resolve(stateDir), digest.slice(0, 32));
}

async function keepOutOfGit(directory: string): Promise<void> {
  try {
    await writeFile(join(directory, '.gitignore'), '*\n', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
