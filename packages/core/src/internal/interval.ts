import { systemClock, type Clock } from './clock.ts';

/**
 * Calls `work` every `intervalMs` until the returned function is called. With the system clock it does not keep the process
 * alive. `work` must not throw.
 */
export function startInterval(clock: Clock, intervalMs: number, work: () => void): () => void {
  if (clock === systemClock) {
    const timer = setInterval(work, intervalMs);
    timer.unref();
    return () => clearInterval(timer);
  }
  const stop = new AbortController();
  void repeat(clock, intervalMs, work, stop.signal);
  return () => stop.abort();
}

async function repeat(clock: Clock, intervalMs: number, work: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(intervalMs, signal);
    } catch {
      return;
    }
    if (!signal.aborted) work();
  }
}
