import { ImageError } from '@holodeck/core';
import type { ImageErrorFields, JobHandle } from '@holodeck/core/backend';

/** Name of this backend in handles, errors, locks and manifests. */
export const backendName = 'comfyui';

/** An `ImageError` of this backend. */
export function comfyuiError(fields: Omit<ImageErrorFields, 'backend'>): ImageError {
  return new ImageError({ ...fields, backend: backendName });
}

/** Options, a workflow or a request that cannot work; nothing was sent. */
export function invalidOptions(message: string, cause?: unknown): ImageError {
  return comfyuiError({
    kind: 'invalid-request',
    outcome: 'not-submitted',
    message,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The words of a low-level network error, with its code: never a URL, header or stack. */
export function networkReason(error: unknown): string {
  const codes: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    const code = (current as { code?: unknown }).code;
    if (typeof code === 'string' && !codes.includes(code)) {
      codes.push(code);
    }
    current = current instanceof AggregateError ? (current.errors[0] ?? current.cause) : current.cause;
  }
  return codes.length === 0 ? 'connection failed' : codes.join(', ');
}

/** What to do about a failure of TLS; undefined where it is another one. `reason` is that of `networkReason`. */
export function tlsRemedy(reason: string): string | undefined {
  if (/CERT|UNABLE_TO_VERIFY/.test(reason)) {
    return 'Its certificate is not trusted here: set NODE_EXTRA_CA_CERTS to the file of its authority, and use the host name that it was issued for.';
  }
  return /EPROTO|ERR_SSL/.test(reason)
    ? 'It speaks no TLS there: try http instead of https, or another port.'
    : undefined;
}

/** The server did not answer a question about a job that it has taken; asking again is free. */
export function cannotAsk(server: string, reason: string, cause?: unknown, handle?: JobHandle): ImageError {
  return comfyuiError({
    kind: 'unavailable',
    outcome: 'accepted',
    retryable: true,
    message: `The ComfyUI server ${server} does not answer (${reason}). The job may still be running there; collect it again when the server is back.`,
    ...(cause === undefined ? {} : { cause }),
    ...(handle === undefined ? {} : { handle }),
  });
}

/** The caller's signal, as an error. */
export function abortedError(signal: AbortSignal, outcome: 'not-submitted' | 'accepted' | 'unknown'): ImageError {
  const reason: unknown = signal.reason;
  if (ImageError.isInstance(reason)) {
    const { kind, message, retryable } = reason;
    return comfyuiError({ kind, outcome, message, retryable, cause: reason });
  }
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError';
  return comfyuiError({
    kind: timedOut ? 'timeout' : 'aborted',
    outcome,
    message: timedOut ? 'The time for this task ran out.' : 'The task was stopped by its caller.',
    cause: reason,
  });
}
