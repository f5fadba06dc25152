import { ImageError, invalidRequest } from '../contract/index.ts';
import { messageOf } from '../messages/message-of.ts';
import type { Message } from '../messages/message.ts';
import { parseOwnerId } from './owner.ts';
import { say } from './store-messages.ts';

/** Primary SQLite result codes; see https://www.sqlite.org/rescode.html. */
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
export function createStorageError(said: Message, cause?: unknown): ImageError {
  return new ImageError({ kind: 'storage', outcome: 'not-submitted', ...messageOf(said), cause });
}

/** Whether another connection holds the lock, so the same call may succeed soon. */
export function isBusyError(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === sqlite.busy || code === sqlite.locked;
}

/** Whether SQLite found the disk full; also for an `ImageError` with such a cause. */
export function isFullError(error: unknown): boolean {
  return sqliteCode(ImageError.isInstance(error) ? error.cause : error) === sqlite.full;
}

/**
 * Turns an error of SQLite or of the file system into an `ImageError` of kind `storage` that names the path and what to do.
 * Other errors (an `ImageError`, an error of the caller's code) are returned as they are.
 */
export function toStorageError(error: unknown, path: string): unknown {
  if (ImageError.isInstance(error)) return error;
  const advice = sqliteAdvice(sqliteCode(error), path) ?? systemAdvice(systemCode(error), path);
  return advice === undefined ? error : createStorageError(advice, error);
}

/** The error of `forget` for a task that another live client works on. */
export function refuseForget(taskId: string, ownerId: string): ImageError {
  const parsed = parseOwnerId(ownerId);
  const owner =
    parsed === undefined ? say('owner-other') : say('owner-process', { pid: parsed.pid, host: parsed.host });
  return invalidRequest(say('forget-refused', { taskId, owner }));
}

function sqliteAdvice(code: number | undefined, path: string): Message | undefined {
  switch (code) {
    case undefined:
      return undefined;
    case sqlite.busy:
    case sqlite.locked:
      return say('store-busy', { path });
    case sqlite.readOnly:
      return say('store-read-only', { path });
    case sqlite.full:
      return say('store-disk-full', { path });
    case sqlite.cannotOpen:
      return say('store-cannot-open', { path });
    case sqlite.corrupt:
    case sqlite.notADatabase:
      return say('store-damaged', { path });
    case sqlite.inputOutput:
      return say('store-input-output', { path });
    case sqlite.constraint:
      return say('store-constraint', { path });
    default:
      return say('store-failed', { path, code });
  }
}

function systemAdvice(code: string | undefined, path: string): Message | undefined {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return say('space-none', { path });
    case 'EROFS':
      return say('space-read-only', { path });
    case 'EACCES':
    case 'EPERM':
      return say('space-forbidden', { path });
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EISDIR':
      return say('space-blocked', { path });
    case 'ENAMETOOLONG':
      return say('space-name-long', { path });
    case 'ENOENT':
    case 'EIO':
    case 'EMFILE':
    case 'ENFILE':
    case 'ELOOP':
    case 'EBUSY':
    case 'EINVAL':
      return say('space-unusable', { path, code });
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
