import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@holodeck/emulators';

/** Longer than any test: such a job runs until the test advances the clock. In milliseconds. */
export const heldMs = 3_600_000;

/** An emulator's clock that a test can advance: held jobs end at once, new ones take their time. */
export class PushedClock implements Clock {
  #aheadMs = 0;
  #push = new AbortController();

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const untilMs = this.now() + ms;
    const isAborted = (): boolean => signal?.aborted === true;
    while (this.now() < untilMs && !isAborted()) {
      const woken = AbortSignal.any([this.#push.signal, ...(signal === undefined ? [] : [signal])]);
      await delay(untilMs - this.now(), undefined, { ref: false, signal: woken }).catch(() => undefined);
    }
  }

  /** Advances it, by default to the end of every held job. */
  push(ms: number = heldMs): void {
    this.#aheadMs += ms;
    this.#push.abort();
    this.#push = new AbortController();
  }
}
