import type { ImageError } from '@holodeck/core';

/** How often a job may be put back for causes that may be permanent. */
const mostRequeues = 20;
const minMs = 500;
const maxMs = 30_000;

/**
 * How long to wait before a free retry of a job that ended with this error, in milliseconds; undefined when the error is
 * final. Refusals because of limits are always retried: they are free, and the task is not at fault.
 */
export function requeueDelayMs(error: ImageError, requeues: number): number | undefined {
  const delayMs = Math.min(maxMs, minMs * 2 ** Math.min(requeues, 10));
  const unsent = error.outcome === 'not-submitted' || error.outcome === 'rejected';
  if ((error.kind === 'rate-limit' || error.kind === 'concurrency-limit') && unsent) {
    return Math.max(delayMs, error.retryAfterMs ?? 0);
  }
  if (requeues >= mostRequeues) return undefined;
  // The job is paid; fetching its image again is free.
  if (error.outcome === 'accepted' && error.kind !== 'auth') return delayMs;
  // Not written, or taken over by another process: the next attempt reads the row.
  if (error.kind === 'storage' && (unsent || error.outcome === 'unknown')) return delayMs;
  return error.kind === 'unavailable' && unsent && error.retryable
    ? Math.max(delayMs, error.retryAfterMs ?? 0)
    : undefined;
}
