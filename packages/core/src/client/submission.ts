import { BrokenCircuitError } from 'cockatiel';
import { ImageError } from '../contract/index.ts';
import type { ImageRequest, JobContext, JobHandle } from '../contract/index.ts';
import { asImageError } from './as-image-error.ts';
import type { ClientEnvironment } from './client-environment.ts';

/** The refusals that say "later": they use up no attempt and pause the lane. */
export function isRefusalForLoad(error: ImageError): boolean {
  return (
    error.outcome === 'rejected' &&
    (error.kind === 'rate-limit' || error.kind === 'concurrency-limit' || error.kind === 'unavailable')
  );
}

/** Faults of the backend itself, which its breaker counts; never the caller's mistakes, aborts or limits. */
export function isBackendFault(error: unknown): boolean {
  return (
    ImageError.isInstance(error) &&
    (error.kind === 'unavailable' || error.kind === 'timeout' || error.kind === 'bad-response') &&
    error.outcome !== 'rejected'
  );
}

/**
 * Sends one submission. A caller who aborts while it is on the wire still gets the answer for a short time (5 s, or what
 * the backend declares), because a job whose handle is known is not lost.
 */
export async function submitOnce(
  environment: ClientEnvironment,
  request: ImageRequest,
  context: JobContext,
): Promise<JobHandle> {
  const { backend, clock, breakers } = environment;
  const graceMs = backend.capabilities.submitAbortGraceMs ?? 5000;
  const submit = new AbortController();
  const over = new AbortController();
  const onAbort = (): void => {
    const abort = (): void => submit.abort(context.signal.reason);
    if (graceMs === 0) abort();
    else void clock.sleep(graceMs, over.signal).then(abort, () => undefined);
  };
  if (context.signal.aborted) onAbort();
  else context.signal.addEventListener('abort', onAbort, { once: true });
  const breaker = breakers.get(context.lane.id);
  const send = (): Promise<JobHandle> => backend.submit(request, { ...context, signal: submit.signal });
  try {
    return await (breaker === undefined ? send() : breaker.execute(send));
  } catch (error) {
    if (error instanceof BrokenCircuitError) throw brokenError(environment);
    throw asImageError(error, {
      kind: 'internal',
      outcome: 'unknown',
      backend: backend.name,
      message: `The submission to ${backend.name} ended in an unexpected way; it cannot be told whether it arrived.`,
    });
  } finally {
    over.abort();
    context.signal.removeEventListener('abort', onAbort);
  }
}

function brokenError(environment: ClientEnvironment): ImageError {
  const { name } = environment.backend;
  return new ImageError({
    kind: 'unavailable',
    outcome: 'not-submitted',
    backend: name,
    code: 'circuit-open',
    retryable: false,
    retryAfterMs: breakerPauseMs,
    message: `${name} has failed several times in a row, so nothing is sent to it for ${breakerPauseMs / 1000} s. Check it with "doctor", then run the same command again.`,
  });
}

/** After so many faults in a row a lane's breaker opens, for so long. */
export const breakerFaults = 8;
export const breakerPauseMs = 10_000;
