import type { Clock } from '@holodeck/core/backend';

/** A clock that goes on only when it is told to. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #sleepers = new Set<{ readonly atMs: number; wake(): void }>();

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const sleeper = { atMs: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason as Error);
      });
    });
  }

  /** Goes on in steps, so that what repeats is repeated as often as it would be. */
  async advance(ms: number, stepMs: number = ms): Promise<void> {
    for (let gone = 0; gone < ms; gone += stepMs) {
      this.#now += Math.min(stepMs, ms - gone);
      for (const sleeper of this.#sleepers) {
        if (sleeper.atMs > this.#now) continue;
        this.#sleepers.delete(sleeper);
        sleeper.wake();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
