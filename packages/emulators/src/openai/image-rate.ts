/** The limit of images per minute, with the headers that tell about it. */
import type { Clock } from '../base/clock.ts';

const windowMs = 60_000;

export class ImageRate {
  readonly #clock: Clock;
  #made: { readonly atMs: number; readonly images: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts images in, if they fit. */
  take(images: number, limit: number): boolean {
    if (this.#used() + images > limit) return false;
    this.#made.push({ atMs: this.#clock.now(), images });
    return true;
  }

  /** `x-ratelimit-*-images`; the reset is in whole seconds. */
  headers(limit: number): Record<string, string> {
    return {
      'x-ratelimit-limit-images': String(limit),
      'x-ratelimit-remaining-images': String(Math.max(0, limit - this.#used())),
      'x-ratelimit-reset-images': String(this.secondsUntilFree()),
    };
  }

  secondsUntilFree(): number {
    const [oldest] = this.#made;
    return oldest === undefined ? 0 : Math.max(1, Math.ceil((oldest.atMs + windowMs - this.#clock.now()) / 1000));
  }

  clear(): void {
    this.#made = [];
  }

  #used(): number {
    const since = this.#clock.now() - windowMs;
    this.#made = this.#made.filter(({ atMs }) => atMs > since);
    return this.#made.reduce((sum, { images }) => sum + images, 0);
  }
}
