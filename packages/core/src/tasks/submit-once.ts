import type { ImageError, ImageRequest, JobContext, JobHandle } from '../contract/index.ts';
import { abortError, asImageError } from './as-image-error.ts';
import { LinkedAbort } from '../internal/linked-abort.ts';
import type { RunContext } from './run-context.ts';
import { say } from './task-messages.ts';

/** Why a wait for an answer ends early. One for all: an `abort` without a reason makes an error with a stack. */
const heard = new Error('The submission was answered.');

/** How long an answer that is on the wire is still heard, where nothing else is said. In milliseconds. */
const graceMs = 5000;

/** The refusals that say "later": they use up no attempt and pause the lane. An ended service says `unavailable` for good. */
export function isRefusalForLoad(error: ImageError): boolean {
  if (error.outcome !== 'rejected') return false;
  return (
    error.kind === 'rate-limit' ||
    error.kind === 'concurrency-limit' ||
    (error.kind === 'unavailable' && error.retryable)
  );
}

/** Whether the abort only says that nothing new shall start: what is on the wire is awaited, as long as the task has time. */
function isDrain(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'drain' in reason && reason.drain === true;
}

/**
 * Sends one submission. The answer to one that is on the wire is still heard for a short time, because a refusal says that
 * nothing is owed, and a job whose handle is known is not lost: 5 s after the task's deadline; after the caller's abort 5 s or
 * what the backend declares, and until the deadline where the reason says `drain`.
 */
export async function submitOnce(run: RunContext, request: ImageRequest, context: JobContext): Promise<JobHandle> {
  const { environment, deadline } = run;
  const { backend, clock, health } = environment;
  const submit = new AbortController();
  const answered = new AbortController();
  const caller = new LinkedAbort([run.options.signal, environment.closing]);
  const cutAfter = (waitMs: number, signal: AbortSignal): void => {
    const cut = (): void => submit.abort(signal.reason);
    if (waitMs === 0) cut();
    else void clock.sleep(waitMs, answered.signal).then(cut, () => undefined);
  };
  onceAborted(deadline.signal, answered.signal, () => cutAfter(graceMs, deadline.signal));
  onceAborted(caller.signal, answered.signal, () => {
    if (!isDrain(caller.signal.reason)) cutAfter(backend.capabilities.submitAbortGraceMs ?? graceMs, caller.signal);
  });
  const beforeSend = (): void => {
    if (!context.signal.aborted) return;
    throw abortError(context.signal, {
      outcome: 'not-submitted',
      backend: backend.name,
      ...say('stopped-unsent'),
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
      ...say('unknown-end', { backend: backend.name }),
    });
  } finally {
    answered.abort(heard);
    caller.release();
  }
}

/** Calls back when the signal is aborted, now or later, until `over` is. */
function onceAborted(signal: AbortSignal, over: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true, signal: over });
}
