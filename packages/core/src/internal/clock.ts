import { setTimeout as sleep } from 'node:timers/promises';

/** Time as the driver sees it; injected by tests. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Monotonic milliseconds. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A longer timer fires at once (https://nodejs.org/api/timers.html), so longer waits are made of several. */
const longestTimerMs = 2 ** 31 - 1;

/** The clock of this computer. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    try {
      for (let leftMs = ms; ; leftMs -= longestTimerMs) {
        await sleep(Math.min(leftMs, longestTimerMs), undefined, signal === undefined ? {} : { signal });
        if (leftMs <= longestTimerMs) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
