import type { ImageError, ImageRequest, JobContext, JobHandle } from '../contract/index.ts';
import { asImageError } from './as-image-error.ts';
import { followAborts } from '../internal/linked-abort.ts';
import type { RunContext } from './run-context.ts';
import { say } from './task-messages.ts';

/** The reason that ends a wait for an answer. Shared: an `abort` without a reason creates an error with a stack. */
const heard = new Error('The submission was answered.');

/** How long an answer on the wire is awaited by default, in milliseconds. */
const graceMs = 5000;

/** Refusals that mean "later": they pause the lane and do not count as attempts. `unavailable` may also be permanent. */
export function isRefusalForLoad(error: ImageError): boolean {
  if (error.outcome !== 'rejected') return false;
  return (
    error.kind === 'rate-limit' ||
    error.kind === 'concurrency-limit' ||
    (error.kind === 'unavailable' && error.retryable)
  );
}

/** What the reason of a caller's abort asks for; see `GenerateOptions.signal`. */
export function asksFor(reason: unknown, what: 'drain' | 'keep'): boolean {
  return typeof reason === 'object' && reason !== null && (reason as Readonly<Record<string, unknown>>)[what] === true;
}

/** Nothing was sent: the step right before the first byte failed. */
export class HeldBack extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('The submission was held back.', { cause: reason });
    this.reason = reason;
  }
}

/**
 * Sends one submission; `leave` runs right before its first byte. Before that, an abort ends it at once. After that, the answer is
 * still awaited for a while, because a refusal shows that nothing is owed, and a handle keeps the job from being lost: 5 s after
 * the task's deadline; 5 s, or what the backend declares, after the caller's abort; until the deadline if the reason has `drain`.
 * @throws {ImageError} The submission was not accepted. @throws {HeldBack} Nothing was sent: `leave` threw, or an abort came first.
 */
export async function submitOnce(
  run: RunContext,
  request: ImageRequest,
  context: JobContext,
  leave: (draft?: JobHandle) => Promise<void>,
): Promise<JobHandle> {
  const { environment } = run;
  const { backend, clock, health } = environment;
  const submit = new AbortController();
  // Made when it is needed, which it hardly ever is: thousands of submissions wait for one batch.
  let answered: AbortController | undefined;
  const cutAfter = (waitMs: number, reason: unknown): void => {
    const cut = (): void => submit.abort(reason);
    if (waitMs === 0) return cut();
    answered ??= new AbortController();
    void clock.sleep(waitMs, answered.signal).then(cut, () => undefined);
  };
  let leaving: Promise<void> | undefined;
  let heldBack: HeldBack | undefined;
  const leaveCaller = followAborts([run.options.signal, environment.closing], (reason) => {
    if (leaving === undefined) cutAfter(0, reason);
    else if (!asksFor(reason, 'drain')) cutAfter(backend.capabilities.submitAbortGraceMs ?? graceMs, reason);
  });
  run.onExpired = (reason) => cutAfter(leaving === undefined ? 0 : graceMs, reason);
  if (run.signal.aborted) cutAfter(0, run.signal.reason);
  const tryToLeave = async (draft?: JobHandle): Promise<void> => {
    try {
      context.signal.throwIfAborted();
      await leave(draft);
      context.signal.throwIfAborted();
    } catch (error) {
      heldBack = new HeldBack(error);
      throw heldBack;
    }
  };
  const beforeSend = (draft?: JobHandle): Promise<void> => (leaving ??= tryToLeave(draft));
  const laneHealth = health.get(context.lane.id);
  const send = async (): Promise<JobHandle> => {
    try {
      const handle = await backend.submit(request, { ...context, signal: submit.signal, beforeSend });
      // A backend that did not call it has a job anyway, and its row must exist.
      if (leaving === undefined) await leave();
      return handle;
    } catch (error) {
      // An aborted backend may not have waited for it.
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
    answered?.abort(heard);
    leaveCaller();
    run.onExpired = undefined;
  }
}
