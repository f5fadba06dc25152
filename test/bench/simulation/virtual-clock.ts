import type { Clock } from '@holodeck/core/backend';

interface Timer {
  readonly atMs: number;
  wake(): void;
}

/** After so many rounds of the event loop without a timer, nothing more can happen. */
const idleRounds = 100;

/** Time that jumps from one timer to the next: hours of waiting take milliseconds, and every run is the same. */
export class VirtualClock implements Clock {
  readonly #timers: Timer[] = [];
  #nowMs = 0;

  now(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        const index = this.#timers.indexOf(timer);
        if (index !== -1) this.#timers.splice(index, 1);
        reject(signal?.reason as Error);
      };
      const timer: Timer = {
        atMs: this.#nowMs + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#insert(timer);
    });
  }

  /** Lets time pass until `work` has settled. */
  async run<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const watched = work.finally(() => (settled = true));
    watched.catch(() => undefined);
    for (let idle = 0; ;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (settled) return watched;
      const timer = this.#timers.shift();
      if (timer === undefined) {
        if ((idle += 1) > idleRounds) throw new Error(`Everybody waits, but for nothing, at ${this.#nowMs} ms.`);
        continue;
      }
      idle = 0;
      this.#nowMs = timer.atMs;
      timer.wake();
    }
  }

  #insert(timer: Timer): void {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timers[middle] as Timer).atMs <= timer.atMs) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
  }
}
