import { systemClock } from '@holodeck/core/backend';
import type { Clock } from '@holodeck/core/backend';

interface Sleeper {
  readonly ms: number;
  readonly wake: () => void;
}

/** Shorter sleeps belong to the stores and the driver and stay real. In milliseconds. */
const longMs = 1000;

/** A clock whose long sleeps are ended by the test, each by its length. */
export class HandClock implements Clock {
  #aheadMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  monotonic(): number {
    return performance.now() + this.#aheadMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms < longMs) return systemClock.sleep(ms, signal);
    signal?.throwIfAborted();
    const ended = Promise.withResolvers<void>();
    const sleeper: Sleeper = { ms, wake: ended.resolve };
    this.#sleepers.add(sleeper);
    const stop = (): void => ended.reject(signal?.reason as Error);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await ended.promise;
    } finally {
      this.#sleepers.delete(sleeper);
    }
  }

  /** Lets time pass without ending any sleep. */
  pass(ms: number): void {
    this.#aheadMs += ms;
  }

  /** Ends the newest sleep of that length once there is one; also one for the rest of it, if the first of many has ended. */
  async end(ms: number): Promise<void> {
    for (;;) {
      const sleeper = [...this.#sleepers].findLast((sleep) => sleep.ms <= ms && sleep.ms > ms / 2);
      if (sleeper !== undefined) {
        this.#sleepers.delete(sleeper);
        return sleeper.wake();
      }
      await systemClock.sleep(1);
    }
  }
}
