import { ImageError } from '../contract/index.ts';
import type { ImageErrorFields } from '../contract/index.ts';

/** An `ImageError` as it is; anything else becomes one with these fields, and its text as a detail. */
export function asImageError(error: unknown, fields: ImageErrorFields): ImageError {
  if (ImageError.isInstance(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new ImageError({ ...fields, message: `${fields.message} (${text})`, cause: error });
}

/** The error of a caller's abort, or of a deadline that was put into the signal's reason as an `ImageError`. */
export function abortError(signal: AbortSignal, fields: Omit<ImageErrorFields, 'kind'>): ImageError {
  const reason: unknown = signal.reason;
  if (ImageError.isInstance(reason)) return ImageError.with(reason, fields);
  return new ImageError({ kind: 'aborted', retryable: true, ...fields });
}

/** The kind under which a system error of the file system is reported, with what to do. */
export function storageError(error: unknown, path: string, outcome: ImageErrorFields['outcome']): ImageError {
  if (ImageError.isInstance(error) && error.kind === 'storage') return ImageError.with(error, { outcome });
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown error';
  const remedies: Readonly<Record<string, string>> = {
    ENOSPC: 'The disk is full: free some space and run the same command again; nothing paid for is lost.',
    EDQUOT: 'The disk quota is used up: free some space and run the same command again.',
    EACCES: 'The folder is not writable for this user: change its permissions or choose another output folder.',
    EPERM: 'The folder is not writable for this user: change its permissions or choose another output folder.',
    EROFS: 'The file system is read-only: choose another output folder.',
    EEXIST: 'A part of the path is a file and no folder: choose another output folder.',
    ENOTDIR: 'A part of the path is a file and no folder: choose another output folder.',
    ENOENT: 'The folder has gone: make it again or choose another output folder.',
    EMFILE: 'Too many files are open: run fewer tasks at once or raise the limit of open files.',
    ENAMETOOLONG: 'The file name is too long for this file system: give a shorter one.',
    EISDIR: 'The output path is a folder: give a file name.',
  };
  return new ImageError({
    kind: 'storage',
    outcome,
    retryable: true,
    code,
    message: `${path} cannot be written (${code}). ${remedies[code] ?? 'Check the disk and the folder.'}`,
    cause: error,
  });
}
