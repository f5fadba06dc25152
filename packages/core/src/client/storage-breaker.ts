import type { ImageError } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';

/** How long nothing new is started after the first fault; doubles with each further one. */
const firstPauseMs = 10_000;
const longestPauseMs = 300_000;
/** A fault this long after the last pause counts as a first one. */
const calmMs = 600_000;

/**
 * Remembers that a paid result could not be stored. For a while nothing new starts. Then a try is safe, because a task is stored
 * before it is sent. So a long-lived client recovers after a full disk or an outage of the server.
 */
export class StorageBreaker {
  readonly #clock: Clock;
  #error: ImageError | undefined;
  #pauseMs = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why nothing new may start now. */
  get current(): ImageError | undefined {
    return this.#clock.monotonic() < this.#untilMs ? this.#error : undefined;
  }

  note(error: ImageError): void {
    const now = this.#clock.monotonic();
    this.#error = error;
    this.#pauseMs =
      this.#pauseMs === 0 || now - this.#untilMs > calmMs ? firstPauseMs : Math.min(longestPauseMs, this.#pauseMs * 2);
    this.#untilMs = now + this.#pauseMs;
  }
}
