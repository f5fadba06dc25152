import { ImageError } from '@holodeck/core';
import type { Message } from '@holodeck/core/messages';
import { say } from '../openai-messages.ts';
import { safeText } from './safe-text.ts';

/**
 * The error of a request that brought no answer. It is certain that nothing arrived only when no connection was made.
 * @param state `reason`: why the request was aborted, where it was.
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
  if (aborted && isTimeout(reason)) {
    const said = say(connectionMade ? 'timed-out-sent' : 'timed-out-unsent', { host });
    return new ImageError({ ...fields, kind: 'timeout', ...said });
  }
  if (aborted) {
    return new ImageError({ ...fields, kind: 'aborted', ...say(connectionMade ? 'aborted-sent' : 'aborted-unsent') });
  }
  const said = say(connectionMade ? 'disconnected' : 'unconnected', { host, reason: reasonOf(cause, secrets) });
  return new ImageError({ ...fields, kind: 'unavailable', retryable: !connectionMade, ...said });
}

function isTimeout(reason: unknown): boolean {
  if (ImageError.isInstance(reason)) return reason.kind === 'timeout';
  return reason instanceof Error && reason.name === 'TimeoutError';
}

/** What the network itself said, below the wrappers, without secrets. */
export function reasonOf(error: unknown, secrets: readonly string[]): string | Message {
  const root = rootMessage(error);
  return root === undefined ? say('no-reason') : safeText(root, secrets, 200);
}

function rootMessage(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 8 && current instanceof Error && current.cause !== undefined; depth += 1)
    current = current.cause;
  if (!(current instanceof Error)) return undefined;
  const { code } = current as NodeJS.ErrnoException;
  if (current.message === '') return code ?? current.name;
  return code === undefined || current.message.includes(code) ? current.message : `${code}: ${current.message}`;
}
