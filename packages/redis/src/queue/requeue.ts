import type { ImageError } from '@holodeck/core';

/** How often a job is put back for causes that may last. */
const mostRequeues = 20;
const minMs = 500;
const maxMs = 30_000;

/**
 * How long to wait before a job that ended with this error is tried again at no cost, in milliseconds; undefined when
 * the error is the task's end. Refusals for limits are always tried again: they are free, and the account's limit is
 * nobody's failure.
 */
export function requeueDelayMs(error: ImageError, requeues: number): number | undefined {
  const delayMs = Math.min(maxMs, minMs * 2 ** Math.min(requeues, 10));
  const unsent = error.outcome === 'not-submitted' || error.outcome === 'rejected';
  if ((error.kind === 'rate-limit' || error.kind === 'concurrency-limit') && unsent) {
    return Math.max(delayMs, error.retryAfterMs ?? 0);
  }
  if (requeues >= mostRequeues) return undefined;
  // The job exists and is paid: its image is fetched again, which costs nothing.
  if (error.outcome === 'accepted' && error.kind !== 'auth') return delayMs;
  // Not written, or taken over by another process: the next look at the row tells how it stands.
  if (error.kind === 'storage' && (unsent || error.outcome === 'unknown')) return delayMs;
  return error.kind === 'unavailable' && unsent && error.retryable
    ? Math.max(delayMs, error.retryAfterMs ?? 0)
    : undefined;
}
