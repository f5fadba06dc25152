import type { Clock } from '@holodeck/core/backend';
import { ManualClock } from '@holodeck/emulators';

/** A client's time, which stands still until the test moves it. */
export class StandingClock implements Clock {
  readonly #clock = new ManualClock(0);

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.now();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms, signal);
    signal?.throwIfAborted();
  }

  advance(ms: number): void {
    this.#clock.advance(ms);
  }
}
