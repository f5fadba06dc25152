import { ImageError } from '@holodeck/core';
import type { ImageErrorKind, ImageErrorOutcome } from '@holodeck/core';
import type { Message } from '@holodeck/core/messages';

import { say } from '../request-messages.ts';

/** Name under which this package's own errors appear. */
export const errorSource = 'hybrid';

/** Bad input: nothing has been sent. */
export function invalidRequest(message: Message, cause?: unknown): ImageError {
  return new ImageError({
    kind: 'invalid-request',
    outcome: 'not-submitted',
    ...message,
    backend: errorSource,
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * Codes of errors of kind `session`, and of the errors that mean that no backend could be chosen. Stable: a caller may
 * branch on them.
 */
export type SessionErrorCode =
  /** The configuration no longer offers what the session is locked to. */
  | 'lock-mismatch'
  /** `release` or `relock` would discard assets, and `discardAssets` is not set. */
  | 'assets-exist'
  /** The folder or the store holds something that does not fit the session. */
  | 'adoption-refused'
  /** Another session's id differs only in case. */
  | 'id-collision'
  /** There is no such session or asset. */
  | 'not-found'
  /** The session has no current scene reference, and its cards would be made without one. */
  | 'no-reference'
  /** The object has no current front card that passed the gate, and a view would be made from it. */
  | 'no-front';

/** The call would break a rule of the session. Nothing has been sent. */
export function sessionError(code: SessionErrorCode, message: Message, cause?: unknown): ImageError {
  return new ImageError({
    kind: 'session',
    outcome: 'not-submitted',
    code,
    ...message,
    backend: errorSource,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Code of the error that is thrown when every backend is down or none is configured. */
export const noBackendAvailable = 'no-backend-available';

/** No backend can be tried. Nothing has been sent. */
export function noBackendError(message: Message): ImageError {
  return new ImageError({
    kind: 'unavailable',
    outcome: 'not-submitted',
    code: noBackendAvailable,
    ...message,
    retryable: true,
    backend: errorSource,
  });
}

/** An `ImageError` for anything that was thrown. */
export function toImageError(error: unknown, outcome: ImageErrorOutcome = 'not-submitted'): ImageError {
  if (ImageError.isInstance(error)) return error;
  const system = error as { code?: unknown; path?: unknown; message?: unknown } | undefined;
  const isFileFault = typeof system?.code === 'string' && /^E[A-Z]+$/.test(system.code);
  const kind: ImageErrorKind = isFileFault ? 'storage' : 'internal';
  return new ImageError({
    kind,
    outcome: kind === 'storage' || outcome !== 'not-submitted' ? legal(kind, outcome) : 'not-submitted',
    ...(isFileFault
      ? fileFault(String(system.code), system.path)
      : say('unexpected', { reason: error instanceof Error ? error.message : String(error) })),
    backend: errorSource,
    cause: error,
  });
}

function fileFault(code: string, path: unknown): Message {
  return typeof path === 'string' ? say('file-fault-at', { code, path }) : say('file-fault', { code });
}

function legal(kind: ImageErrorKind, outcome: ImageErrorOutcome): ImageErrorOutcome {
  if (outcome === 'not-submitted' || outcome === 'accepted' || outcome === 'unknown') return outcome;
  return kind === 'storage' && outcome === 'lost' ? 'lost' : 'accepted';
}
