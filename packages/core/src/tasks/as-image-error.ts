import { ImageError } from '../contract/index.ts';
import type { ImageErrorFields } from '../contract/index.ts';
import { say as sayOfFile } from '../files/file-messages.ts';
import { joinSentences } from '../messages/define-messages.ts';
import type { Message } from '../messages/message.ts';
import { say } from './task-messages.ts';

/** Returns an `ImageError` as it is; any other error becomes one with these fields and its text as a detail. */
export function asImageError(error: unknown, fields: ImageErrorFields): ImageError {
  if (ImageError.isInstance(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new ImageError({ ...fields, ...say('with-detail', { message: fields, detail: text }), cause: error });
}

/** The error of a caller's abort, or of a deadline whose `ImageError` is the signal's reason. */
export function abortError(signal: AbortSignal, fields: Omit<ImageErrorFields, 'kind'>): ImageError {
  const reason: unknown = signal.reason;
  if (ImageError.isInstance(reason)) return ImageError.with(reason, fields);
  return new ImageError({ kind: 'aborted', retryable: true, ...fields });
}

/** A file system error as an `ImageError` that says what to do. */
export function storageError(error: unknown, path: string | Message, outcome: ImageErrorFields['outcome']): ImageError {
  if (ImageError.isInstance(error) && error.kind === 'storage') return ImageError.with(error, { outcome });
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown error';
  const remedies = {
    ENOSPC: 'disk-full',
    EDQUOT: 'quota-full',
    EACCES: 'folder-forbidden',
    EPERM: 'folder-forbidden',
    EROFS: 'folder-read-only',
    EEXIST: 'folder-is-file',
    ENOTDIR: 'folder-is-file',
    ENOENT: 'folder-gone',
    EMFILE: 'files-open',
    ENAMETOOLONG: 'name-long',
    EISDIR: 'path-is-folder',
  } as const;
  const remedy = Object.hasOwn(remedies, code) ? remedies[code as keyof typeof remedies] : 'check-disk';
  return new ImageError({
    kind: 'storage',
    outcome,
    retryable: true,
    code,
    ...joinSentences(sayOfFile('cannot-write', { path, code }), sayOfFile(remedy)),
    cause: error,
  });
}
