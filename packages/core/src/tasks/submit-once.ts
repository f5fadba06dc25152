import type { ImageError, ImageRequest, JobContext, JobHandle } from '../contract/index.ts';
import { abortError, asImageError } from './as-image-error.ts';
import type { ClientEnvironment } from '../client/client-environment.ts';

/** The refusals that say "later": they use up no attempt and pause the lane. An ended service says `unavailable` for good. */
export function isRefusalForLoad(error: ImageError): boolean {
  if (error.outcome !== 'rejected') return false;
  return (
    error.kind === 'rate-limit' ||
    error.kind === 'concurrency-limit' ||
    (error.kind === 'unavailable' && error.retryable)
  );
}

/** Whether the abort only says that nothing new shall start: what is on the wire is awaited, however long it takes. */
function isDrain(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'drain' in reason && reason.drain === true;
}

/**
 * Sends one submission. A caller who aborts while it is on the wire still gets the answer for a short time (5 s, or what
 * the backend declares; up to `timeoutMs` where the reason says `drain`), because a job whose handle is known is not lost.
 */
export async function submitOnce(
  environment: ClientEnvironment,
  request: ImageRequest,
  context: JobContext,
): Promise<JobHandle> {
  const { backend, clock, health } = environment;
  const shortMs = backend.capabilities.submitAbortGraceMs ?? 5000;
  const submit = new AbortController();
  let waiting: AbortController | undefined;
  const onAbort = (): void => {
    const abort = (): void => submit.abort(context.signal.reason);
    const graceMs = isDrain(context.signal.reason) ? environment.options.timeoutMs : shortMs;
    if (graceMs === 0) abort();
    else {
      waiting = new AbortController();
      void clock.sleep(graceMs, waiting.signal).then(abort, () => undefined);
    }
  };
  if (context.signal.aborted) onAbort();
  else context.signal.addEventListener('abort', onAbort, { once: true });
  const beforeSend = (): void => {
    if (!context.signal.aborted) return;
    throw abortError(context.signal, {
      outcome: 'not-submitted',
      backend: backend.name,
      message: 'The task was stopped before it was sent. Nothing was paid.',
    });
  };
  const laneHealth = health.get(context.lane.id);
  const send = (): Promise<JobHandle> => backend.submit(request, { ...context, signal: submit.signal, beforeSend });
  try {
    return await (laneHealth === undefined ? send() : laneHealth.execute(send));
  } catch (error) {
    throw asImageError(error, {
      kind: 'internal',
      outcome: 'unknown',
      backend: backend.name,
      message: `The submission to ${backend.name} ended in an unexpected way; it cannot be told whether it arrived.`,
    });
  } finally {
    waiting?.abort();
    context.signal.removeEventListener('abort', onAbort);
  }
}
