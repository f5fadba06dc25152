import { ImageError } from '@holodeck/core';
import { joinSentences, type Message } from '@holodeck/core/backend';
import { say } from './connection-messages.ts';

/** Prefixes of replies after which the same command may succeed soon; see https://redis.io/docs/latest/develop/reference/protocol-spec/ */
const passingReplies = /^(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY) /;
const passingCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const passingMessages =
  /Connection is closed|isn't writeable|Command timed out|max retries per request|connection close/i;

/** Whether the same command may succeed soon: the server is away, starting, or changing roles. */
export function isPassing(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  return (
    (typeof code === 'string' && passingCodes.has(code)) ||
    passingReplies.test(message) ||
    passingMessages.test(message)
  );
}

/** The server refuses the login, so waiting does not help. */
export function isRefusedLogin(error: unknown): boolean {
  return /^(?:NOAUTH|WRONGPASS|NOPERM|ERR AUTH|ERR invalid DB index|ERR DB index)/.test(messageOf(error));
}

/** The server cannot be reached. Retryable: it may come back. */
export function unreachableError(location: string, waitedForMs: number, cause?: unknown): ImageError {
  const waitedMs = Math.round(waitedForMs);
  const away =
    cause === undefined
      ? say('server-away', { location, waitedMs })
      : say('server-away-because', { location, waitedMs, reason: shortReason(cause) });
  return storageError(joinSentences(away, say('server-needed')), cause, true);
}

/** Turns an error of ioredis into an `ImageError` of kind `storage` that says what to do. */
export function toRedisError(error: unknown, location: string): ImageError {
  if (ImageError.isInstance(error)) return error;
  const message = messageOf(error);
  if (/^(?:NOAUTH|WRONGPASS|ERR AUTH)/.test(message)) return storageError(say('server-login', { location }), error);
  const reason = shortReason(error);
  if (message.startsWith('NOPERM')) return storageError(say('server-permission', { location, reason }), error);
  if (message.startsWith('OOM')) return storageError(say('server-memory', { location }), error, true);
  if (message.startsWith('MISCONF')) return storageError(say('server-disk', { location }), error, true);
  if (isPassing(error)) return unreachableError(location, 0, error);
  return storageError(say('server-failed', { location, reason }), error);
}

/** An `ImageError` of kind `storage`: nothing was sent. */
export function storageError(said: Message, cause?: unknown, retryable = false): ImageError {
  return new ImageError({
    kind: 'storage',
    outcome: 'not-submitted',
    ...said,
    retryable,
    ...(cause === undefined ? {} : { cause }),
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A code or the first words, without quoted arguments of the command, which do not belong in logs. */
function shortReason(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code === 'string') return code;
  return (
    messageOf(error)
      .split('\n')[0]
      ?.replace(/'[^']*'/g, "'...'")
      .slice(0, 120) ?? 'unknown'
  );
}
