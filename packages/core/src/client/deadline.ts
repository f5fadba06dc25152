import { ImageError } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';

/** Ends a task a fixed time after `start`; its signal's reason is an `ImageError` of kind `timeout`. */
export class Deadline {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #backend: string;
  readonly #expired = new AbortController();
  readonly #stopped = new AbortController();
  #started = false;

  constructor(clock: Clock, timeoutMs: number, backend: string) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#backend = backend;
  }

  get signal(): AbortSignal {
    return this.#expired.signal;
  }

  /** Starts the clock; later calls do nothing. */
  start(): void {
    if (this.#started || !Number.isFinite(this.#timeoutMs)) return;
    this.#started = true;
    const expire = (): void =>
      this.#expired.abort(
        new ImageError({
          kind: 'timeout',
          outcome: 'not-submitted',
          retryable: true,
          backend: this.#backend,
          message: `The task took longer than ${this.#timeoutMs} ms (timeoutMs).`,
        }),
      );
    this.#clock.sleep(this.#timeoutMs, this.#stopped.signal).then(expire, () => undefined);
  }

  stop(): void {
    this.#stopped.abort();
  }
}
