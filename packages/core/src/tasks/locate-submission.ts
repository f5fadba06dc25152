import { LinkedAbort } from '../internal/linked-abort.ts';
import type { RunContext } from './run-context.ts';

/** How long a provider may take to tell whether a submission has arrived, in milliseconds. */
const locateMs = 30_000;

/** How long it may take once the caller has stopped the task: enough for a service that answers. In milliseconds. */
const graceMs = 2000;

/** Asks what became of a submission whose answer was lost; undefined where it cannot be told in time. */
export async function locateSubmission(
  run: RunContext,
  ask: (signal: AbortSignal) => Promise<'found' | 'absent'> | undefined,
): Promise<'found' | 'absent' | undefined> {
  const { environment, options } = run;
  // Not the task's own time: nobody waits where that is up, and what is found is paid for.
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
