/** Requests per second, counted over the last second as the gateway does: per action, region and credential. */
import type { Clock } from '../base/clock.ts';

export class RateWindow {
  readonly #clock: Clock;
  readonly #times: Map<string, number[]> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a request; returns how many there were in the last second when that is more than `limit`. */
  exceeds(key: string, limit: number): number | undefined {
    const now = this.#clock.now();
    const recent = (this.#times.get(key) ?? []).filter((time) => time > now - 1000);
    recent.push(now);
    this.#times.set(key, recent);
    return recent.length > limit ? recent.length : undefined;
  }

  clear(): void {
    this.#times.clear();
  }
}
