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
  readonly #sleepers: Sleeper[] = [];

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
    this.#sleepers.push(sleeper);
    const stop = (): void => ended.reject(signal?.reason as Error);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await ended.promise;
    } finally {
      this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
    }
  }

  /** Lets time pass without ending any sleep. */
  pass(ms: number): void {
    this.#aheadMs += ms;
  }

  /** Ends the newest sleep of that length once there are `count` of them. */
  async end(ms: number, count = 1): Promise<void> {
    for (;;) {
      const sleepers = this.#sleepers.filter((sleeper) => sleeper.ms === ms);
      if (sleepers.length >= count) return sleepers.at(-1)?.wake();
      await systemClock.sleep(1);
    }
  }
}
