import { ImageError } from '../contract/index.ts';

/** Primary SQLite result codes that are told apart; see https://www.sqlite.org/rescode.html. */
const sqlite = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notADatabase: 26,
} as const;

/** An `ImageError` of kind `storage`: nothing was sent. */
export function createStorageError(message: string, cause?: unknown): ImageError {
  return new ImageError({
    kind: 'storage',
    outcome: 'not-submitted',
    message,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Whether another connection holds the lock just now, so that the same call may succeed soon. */
export function isBusyError(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === sqlite.busy || code === sqlite.locked;
}

/** Whether SQLite found no room on the disk, also where the error has become an `ImageError`. */
export function isFullError(error: unknown): boolean {
  return sqliteCode(ImageError.isInstance(error) ? error.cause : error) === sqlite.full;
}

/**
 * Turns an error of SQLite or of the file system into an `ImageError` of kind `storage` that names the path and what to
 * do. Everything else (an `ImageError`, an error of the caller's own code) comes back as it is.
 */
export function toStorageError(error: unknown, path: string): unknown {
  if (ImageError.isInstance(error)) return error;
  const advice = sqliteAdvice(sqliteCode(error), path) ?? systemAdvice(systemCode(error), path);
  return advice === undefined ? error : createStorageError(advice, error);
}

function sqliteAdvice(code: number | undefined, path: string): string | undefined {
  switch (code) {
    case undefined:
      return undefined;
    case sqlite.busy:
    case sqlite.locked:
      return `The store ${path} is locked by another process for too long. Close programs that have the file open (backup, virus scanner, SQLite browser) or stop the other process, then try again.`;
    case sqlite.readOnly:
      return `The store ${path} cannot be written. Give this user write access to the file and its folder, or choose another output folder or stateDir.`;
    case sqlite.full:
      return `The disk with the store ${path} is full. Free some space there, or choose another output folder or stateDir, then run the same command again.`;
    case sqlite.cannotOpen:
      return `The store ${path} cannot be opened. Check that its folder exists and that this user may write there, or choose another output folder or stateDir.`;
    case sqlite.corrupt:
    case sqlite.notADatabase:
      return `The store ${path} is damaged or is no SQLite database. Move the file away (with its -wal and -shm files) to keep it for inspection, or restore it from a backup, then try again; without it, jobs that were paid but not yet delivered are not known any more.`;
    case sqlite.inputOutput:
      return `The store ${path} could not be read or written (input/output error). Check the disk, its free space and quota, and whether the folder is on a network file system; stateDir or HOLODECK_STATE_DIR moves the store to a local disk.`;
    case sqlite.constraint:
      return `The store ${path} refused a record that breaks its rules (a key that is used already, or a missing field).`;
    default:
      return `The store ${path} failed (SQLite code ${code}). Check the disk and the file's permissions, then try again.`;
  }
}

function systemAdvice(code: string | undefined, path: string): string | undefined {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `There is no space left for ${path} (disk or quota full). Free some space there, or choose another output folder or stateDir, then run the same command again.`;
    case 'EROFS':
      return `${path} is on a read-only file system. Choose another output folder or stateDir, or mount it writable.`;
    case 'EACCES':
    case 'EPERM':
      return `This user may not write ${path}. Change the permissions of the folder, or choose another output folder or stateDir.`;
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EISDIR':
      return `${path} cannot be made: a file stands where a folder is needed, or the other way round. Move it away, or choose another output folder or stateDir.`;
    case 'ENAMETOOLONG':
      return `The path ${path} is too long for this file system. Choose a shorter output folder.`;
    case 'ENOENT':
    case 'EIO':
    case 'EMFILE':
    case 'ENFILE':
    case 'ELOOP':
    case 'EBUSY':
    case 'EINVAL':
      return `${path} cannot be used (${code}). Check the path and the disk, or choose another output folder or stateDir.`;
    default:
      return undefined;
  }
}

function sqliteCode(error: unknown): number | undefined {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode & 0xff : undefined;
}

function systemCode(error: unknown): string | undefined {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof code === 'string' && typeof syscall === 'string' ? code : undefined;
}
