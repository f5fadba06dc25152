import { ImageError } from '@holodeck/core';

/** Beginnings of a server's replies that pass by themselves; see https://redis.io/docs/latest/develop/reference/protocol-spec/ */
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

/** Whether waiting cannot help: the server refuses who is asking. */
export function isRefusedLogin(error: unknown): boolean {
  return /^(?:NOAUTH|WRONGPASS|NOPERM|ERR AUTH|ERR invalid DB index|ERR DB index)/.test(messageOf(error));
}

/** The server cannot be reached. Retryable: it may come back. */
export function unreachableError(location: string, waitedMs: number, cause?: unknown): ImageError {
  const reason = cause === undefined ? '' : ` (${shortReason(cause)})`;
  return storageError(
    `The Redis server ${location} cannot be reached${reason}; it was waited for ${Math.round(waitedMs)} ms. Nothing is sent without it, because the account's limit and the record of what is paid are kept there. Start the server or check the address, then run the same again.`,
    cause,
    true,
  );
}

/** Turns what ioredis throws into an `ImageError` of kind `storage` that says what to do. */
export function toRedisError(error: unknown, location: string): ImageError {
  if (ImageError.isInstance(error)) return error;
  const message = messageOf(error);
  if (/^(?:NOAUTH|WRONGPASS|ERR AUTH)/.test(message)) {
    return storageError(
      `The Redis server ${location} refuses the login. Put the right user and password into the URL (redis://user:password@host:6379), percent-encoded.`,
      error,
    );
  }
  if (message.startsWith('NOPERM')) {
    return storageError(
      `The user of the Redis server ${location} lacks a permission (${shortReason(error)}). Allow it all commands on keys that begin with the prefix, scripts (EVAL, EVALSHA) and channels.`,
      error,
    );
  }
  if (message.startsWith('OOM')) {
    return storageError(
      `The Redis server ${location} has no memory left (maxmemory). Give it more, and keep maxmemory-policy at noeviction, so that it never drops the record of what is paid.`,
      error,
      true,
    );
  }
  if (message.startsWith('MISCONF')) {
    return storageError(
      `The Redis server ${location} cannot write its data to disk and refuses changes. Check its disk and log, then run the same again.`,
      error,
      true,
    );
  }
  if (isPassing(error)) return unreachableError(location, 0, error);
  return storageError(`The Redis server ${location} failed (${shortReason(error)}).`, error);
}

/** An `ImageError` of kind `storage`: nothing was sent. */
export function storageError(message: string, cause?: unknown, retryable = false): ImageError {
  return new ImageError({
    kind: 'storage',
    outcome: 'not-submitted',
    message,
    retryable,
    ...(cause === undefined ? {} : { cause }),
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A code or the first words: replies of a server may quote the arguments of a command, which are not for logs. */
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
