import type { ImageError, ImageErrorKind } from '@holodeck/core';

const passing: ReadonlySet<ImageErrorKind> = new Set(['unavailable', 'rate-limit', 'concurrency-limit', 'timeout']);

/**
 * Whether the next backend may try after a failed pilot, and whether the policy acts on a fault of the locked backend: only if the
 * backend cannot be used at all and nothing was paid. After content policy, invalid requests, `unknown`, `timeout` and
 * `job-failed` the session stays where it is.
 */
export function isBackendDown(error: ImageError): boolean {
  return (
    (error.kind === 'unavailable' || error.kind === 'auth' || error.kind === 'quota') &&
    (error.outcome === 'not-submitted' || error.outcome === 'rejected')
  );
}

/**
 * Whether waiting may help a locked session: nothing was paid, and the backend is unavailable or at its limits, or the task timed
 * out before it was sent (for example while its lane was paused).
 */
export function mayPass(error: ImageError): boolean {
  return passing.has(error.kind) && (error.outcome === 'not-submitted' || error.outcome === 'rejected');
}

/** Whether a job may still deliver although the call failed: then the claim must stay with its backend. */
export function mayStillDeliver(error: ImageError): boolean {
  return error.outcome === 'accepted' || error.outcome === 'unknown';
}
