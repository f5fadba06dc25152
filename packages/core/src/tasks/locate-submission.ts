import { LinkedAbort } from '../internal/linked-abort.ts';
import type { RunContext } from './run-context.ts';

/** How long a provider may take to locate a submission, in milliseconds: its lists may lag behind for a minute. */
const locateMs = 90_000;

/** The same once the caller has stopped the task: enough for a service that responds. */
const graceMs = 2000;

/** Asks whether a submission arrived whose answer was lost; undefined if there is no reply in time. */
export async function locateSubmission(
  run: RunContext,
  ask: (signal: AbortSignal) => Promise<'found' | 'absent'> | undefined,
): Promise<'found' | 'absent' | undefined> {
  const { environment, options } = run;
  // Not bounded by the task's deadline: a job that is found is paid.
  const caller = new LinkedAbort([options.signal, environment.closing]);
  const stop = new AbortController();
  const over = new AbortController();
  const stopSoon = (): void => {
    const stopNow = (): void => stop.abort(caller.signal.reason);
    environment.clock.sleep(graceMs, over.signal).then(stopNow, () => undefined);
  };
  if (caller.signal.aborted) stopSoon();
  else caller.signal.addEventListener('abort', stopSoon, { once: true });
  try {
    return await ask(AbortSignal.any([AbortSignal.timeout(locateMs), stop.signal]));
  } catch {
    return undefined;
  } finally {
    over.abort();
    caller.signal.removeEventListener('abort', stopSoon);
    caller.release();
  }
}
