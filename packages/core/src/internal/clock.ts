/** The source of time; tests inject their own. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Monotonic milliseconds. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason on abort. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A longer timer fires at once (https://nodejs.org/api/timers.html), so longer waits use several. */
const longestTimerMs = 2 ** 31 - 1;

/** The clock of this computer. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // Not `node:timers/promises`: each aborted sleep there creates two errors with stacks, and every task has several.
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      let timer: NodeJS.Timeout;
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const wait = (leftMs: number): void => {
        timer = setTimeout(
          () => {
            if (leftMs > longestTimerMs) return wait(leftMs - longestTimerMs);
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
          Math.min(leftMs, longestTimerMs),
        );
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      wait(ms);
    });
  },
};
