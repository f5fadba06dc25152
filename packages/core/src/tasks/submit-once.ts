import type { ImageError, ImageRequest, JobContext, JobHandle } from '../contract/index.ts';
import { asImageError } from './as-image-error.ts';
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

/** Nothing was sent: what is done right before the first byte has refused. */
export class HeldBack extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('The submission was held back.', { cause: reason });
    this.reason = reason;
  }
}

/**
 * Sends one submission; `leave` runs right before its first byte. The answer to one that is on the wire is still heard for a short time, because a refusal says that
 * nothing is owed, and a job whose handle is known is not lost: 5 s after the task's deadline; after the caller's abort 5 s or
 * what the backend declares, and until the deadline where the reason says `drain`. One that has not left ends at
 * once.
 * @throws {ImageError} The submission was not taken. @throws {HeldBack} `leave` threw, or a stop came before it: nothing was sent.
 */
export async function submitOnce(
  run: RunContext,
  request: ImageRequest,
  context: JobContext,
  leave: () => Promise<void>,
): Promise<JobHandle> {
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
  let leaving: Promise<void> | undefined;
  let heldBack: HeldBack | undefined;
  onceAborted(deadline.signal, answered.signal, () => cutAfter(leaving === undefined ? 0 : graceMs, deadline.signal));
  onceAborted(caller.signal, answered.signal, () => {
    if (leaving === undefined) cutAfter(0, caller.signal);
    else if (!isDrain(caller.signal.reason))
      cutAfter(backend.capabilities.submitAbortGraceMs ?? graceMs, caller.signal);
  });
  const tryToLeave = async (): Promise<void> => {
    try {
      context.signal.throwIfAborted();
      await leave();
      context.signal.throwIfAborted();
    } catch (error) {
      heldBack = new HeldBack(error);
      throw heldBack;
    }
  };
  const beforeSend = (): Promise<void> => (leaving ??= tryToLeave());
  const laneHealth = health.get(context.lane.id);
  const send = async (): Promise<JobHandle> => {
    try {
      const handle = await backend.submit(request, { ...context, signal: submit.signal, beforeSend });
      // A backend that did not ask has a job all the same, and its row must exist.
      if (leaving === undefined) await leave();
      return handle;
    } catch (error) {
      // A backend that was cut short may not have waited for it.
      await leaving?.catch(() => undefined);
      throw heldBack ?? error;
    }
  };
  try {
    return await (laneHealth === undefined ? send() : laneHealth.execute(send));
  } catch (error) {
    if (error instanceof HeldBack) throw error;
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
