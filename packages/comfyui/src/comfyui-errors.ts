import { messageOf } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { say } from './comfyui-messages.ts';
import { ImageError } from '@holodeck/core';
import type { ImageErrorFields } from '@holodeck/core/backend';

/** Name of this backend in handles, errors, locks and manifests. */
export const backendName = 'comfyui';

/** An `ImageError` of this backend. */
export function comfyuiError(fields: Omit<ImageErrorFields, 'backend'>): ImageError {
  return new ImageError({ ...fields, backend: backendName });
}

/** Options, a workflow or a request that cannot work; nothing was sent. */
export function invalidOptions(said: Message, cause?: unknown): ImageError {
  return comfyuiError({ kind: 'invalid-request', outcome: 'not-submitted', ...messageOf(said), cause });
}

/** Several faults as one message. */
export function joinFaults(faults: readonly Message[]): Message {
  return faults.reduceRight((rest, first) => say('two-faults', { first, rest }));
}

/** The codes of a low-level network error: never a URL, header or stack. */
export function networkReason(error: unknown): string | Message {
  const codes: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    const code = (current as { code?: unknown }).code;
    if (typeof code === 'string' && !codes.includes(code)) {
      codes.push(code);
    }
    current = current instanceof AggregateError ? (current.errors[0] ?? current.cause) : current.cause;
  }
  return codes.length === 0 ? say('connection-failed') : codes.join(', ');
}

/** What to do about a failure of TLS; undefined for any other. `reason` comes from `networkReason`. */
export function tlsRemedy(reason: string | Message): Message | undefined {
  const text = typeof reason === 'string' ? reason : '';
  if (/CERT|UNABLE_TO_VERIFY/.test(text)) {
    return say('tls-certificate');
  }
  return /EPROTO|ERR_SSL/.test(text) ? say('tls-none') : undefined;
}

/** The server did not answer a question about a job that it has taken; asking again is free. */
export function cannotAsk(server: string, reason: string | Message, cause?: unknown): ImageError {
  return comfyuiError({
    kind: 'unavailable',
    outcome: 'accepted',
    retryable: true,
    ...say('silent', { server, reason }),
    cause,
  });
}

/** The caller's signal, as an error. */
export function abortedError(signal: AbortSignal, outcome: 'not-submitted' | 'accepted' | 'unknown'): ImageError {
  const reason: unknown = signal.reason;
  if (ImageError.isInstance(reason)) {
    return ImageError.with(reason, { outcome, backend: backendName });
  }
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError';
  return comfyuiError({
    kind: timedOut ? 'timeout' : 'aborted',
    outcome,
    ...say(timedOut ? 'time-ran-out' : 'stopped-by-caller'),
    cause: reason,
  });
}
