import { ImageError } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import { say } from './task-messages.ts';

/** The reason that ends a sleep early. Shared: an `abort` without a reason creates an error with a stack. */
const stopped = new Error('The task is over.');

/** Aborts a task a fixed time after `start`, with an `ImageError` of kind `timeout`. */
export class Deadline {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #backend: string;
  readonly #expired = new AbortController();
  #sleeping: AbortController | undefined;
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
          ...say('task-timeout', { ms: this.#timeoutMs }),
        }),
      );
    this.#sleeping = new AbortController();
    this.#clock.sleep(this.#timeoutMs, this.#sleeping.signal).then(expire, () => undefined);
  }

  stop(): void {
    this.#sleeping?.abort(stopped);
  }
}
