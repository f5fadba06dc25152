import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@holodeck/core/backend';

/** Sleeps up to this long are waits between tries and polls; longer ones are deadlines. In milliseconds. */
const shortMs = 15_000;

/**
 * A clock that tests don't wait for. Short sleeps end at once and advance it; long ones end only when `advance` (or short
 * sleeps) has moved it that far. So retries and polls run without delay, and a deadline passes when the test says so.
 */
export class EventClock implements Clock {
  #aheadMs = 0;
  #jumpMs = 0;
  #sleepers: { readonly untilMs: number; readonly wake: () => void }[] = [];

  /** Unix time, with the jumps of `jump`. */
  now(): number {
    return Date.now() + this.#aheadMs + this.#jumpMs;
  }

  monotonic(): number {
    return performance.now() + this.#aheadMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (ms <= shortMs) {
      this.advance(ms);
      await nextTurn();
      signal?.throwIfAborted();
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const sleeper = { untilMs: this.monotonic() + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      const stop = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Lets time pass. */
  advance(ms: number): void {
    this.#aheadMs += ms;
    const now = this.monotonic();
    const due = this.#sleepers.filter(({ untilMs }) => untilMs <= now);
    this.#sleepers = this.#sleepers.filter(({ untilMs }) => untilMs > now);
    for (const { wake } of due) wake();
  }

  /** Sets the machine's clock: the time of day jumps, durations do not. */
  jump(ms: number): void {
    this.#jumpMs += ms;
  }
}
