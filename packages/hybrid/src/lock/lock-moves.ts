import type { ImageError, ImageErrorKind } from '@holodeck/core';

const passing: ReadonlySet<ImageErrorKind> = new Set(['unavailable', 'rate-limit', 'concurrency-limit', 'timeout']);

/**
 * Whether a failed pilot lets the next backend try, and whether a fault of a locked backend lets a policy act: the backend
 * cannot be used at all, and nothing has been paid. Content policy, invalid requests, `unknown`, `timeout` and `job-failed`
 * move nothing.
 */
export function isBackendDown(error: ImageError): boolean {
  return (
    (error.kind === 'unavailable' || error.kind === 'auth' || error.kind === 'quota') &&
    (error.outcome === 'not-submitted' || error.outcome === 'rejected')
  );
}

/**
 * Whether waiting may help a locked session: the backend is away or at its limits, or the task's time was up before it was
 * sent (behind a pause of its lane, say), and nothing has been paid.
 */
export function mayPass(error: ImageError): boolean {
  return passing.has(error.kind) && (error.outcome === 'not-submitted' || error.outcome === 'rejected');
}

/** Whether a job may still bring an image although the call has failed: the claim must stay with its backend. */
export function mayStillDeliver(error: ImageError): boolean {
  return error.outcome === 'accepted' || error.outcome === 'unknown';
}
