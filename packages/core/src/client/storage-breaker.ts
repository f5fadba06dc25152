import type { ImageError } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';

/** How long nothing new is started after the first fault, in milliseconds; twice as long after each that follows. */
const firstPauseMs = 10_000;
const longestPauseMs = 300_000;
/** A fault that comes so long after the end of the last pause is a first one again. */
const calmMs = 600_000;

/**
 * Remembers that something paid for could not be written down. For a while nothing new is started; then one look is worth it,
 * since a task is on disk before it is sent: a client that lives long must not stay useless after a disk that was full, or a
 * server that was away, for a minute.
 */
export class StorageBreaker {
  readonly #clock: Clock;
  #error: ImageError | undefined;
  #pauseMs = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why nothing new may be started now. */
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
