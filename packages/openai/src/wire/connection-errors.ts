import { ImageError } from '@holodeck/core';
import { safeText } from './safe-text.ts';

/**
 * The error of a request that brought no answer. Only when no connection was made it is sure that nothing arrived.
 * @param reason The reason of the abort, where there was one.
 */
export function connectionError(
  cause: unknown,
  state: {
    readonly connectionMade: boolean;
    readonly aborted: boolean;
    readonly reason?: unknown;
    readonly host: string;
    readonly secrets: readonly string[];
  },
): ImageError {
  const { connectionMade, aborted, reason, host, secrets } = state;
  const outcome = connectionMade ? 'unknown' : 'not-submitted';
  const fields = { outcome, backend: 'openai', cause } as const;
  const money = connectionMade
    ? 'The request was sent: the image may be made and billed all the same.'
    : 'Nothing was sent.';
  if (aborted) {
    const late = isTimeout(reason);
    return new ImageError({
      ...fields,
      kind: late ? 'timeout' : 'aborted',
      message: `${late ? `${host} did not answer within the time limit` : 'The request was aborted'}. ${money}`,
    });
  }
  const what = safeText(rootMessage(cause), secrets, 200);
  return new ImageError({
    ...fields,
    kind: 'unavailable',
    retryable: !connectionMade,
    message: connectionMade
      ? `The connection to ${host} broke before the answer came (${what}). ${money}`
      : `No connection to ${host} could be made (${what}). ${money} Check the network, the proxy and OPENAI_BASE_URL.`,
  });
}

function isTimeout(reason: unknown): boolean {
  if (ImageError.isInstance(reason)) return reason.kind === 'timeout';
  return reason instanceof Error && reason.name === 'TimeoutError';
}

/** What the network itself said, below the wrappers. */
export function rootMessage(error: unknown): string {
  let current = error;
  for (let depth = 0; depth < 8 && current instanceof Error && current.cause !== undefined; depth += 1)
    current = current.cause;
  if (!(current instanceof Error)) return 'no reason given';
  const { code } = current as NodeJS.ErrnoException;
  if (current.message === '') return code ?? current.name;
  return code === undefined || current.message.includes(code) ? current.message : `${code}: ${current.message}`;
}
