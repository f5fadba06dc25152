import { ImageError } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import { say } from './task-messages.ts';

/** The reason that ends a sleep early. Shared: an `abort` without a reason creates an error with a stack. */
const stopped = new Error('The task is over.');

/** What a deadline measures: a task's whole time, or how long nothing was heard of its job. */
export type DeadlineKind = 'whole' | 'silence';

/** Aborts a task a fixed time after `start` (or after the last `heard`), with an `ImageError` of kind `timeout`. */
export class Deadline {
  readonly kind: DeadlineKind;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #backend: string;
  readonly #expired = new AbortController();
  readonly #over = new AbortController();
  #heardAtMs: number | undefined;

  constructor(kind: DeadlineKind, clock: Clock, timeoutMs: number, backend: string) {
    this.kind = kind;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#backend = backend;
  }

  get signal(): AbortSignal {
    return this.#expired.signal;
  }

  /** Starts the clock; later calls do nothing. */
  start(): void {
    if (this.#heardAtMs !== undefined || !Number.isFinite(this.#timeoutMs)) return;
    this.#heardAtMs = this.#clock.monotonic();
    void this.#untilExpired(this.#heardAtMs);
  }

  /** The job has shown that it waits, runs or advances. */
  heard(): void {
    if (this.kind === 'silence' && this.#heardAtMs !== undefined) this.#heardAtMs = this.#clock.monotonic();
  }

  stop(): void {
    this.#over.abort(stopped);
  }

  /** A timer for each event would cost more than the job. */
  async #untilExpired(startedAtMs: number): Promise<void> {
    let waitMs = this.#timeoutMs;
    let knownMs = startedAtMs;
    try {
      for (;;) {
        await this.#clock.sleep(waitMs, this.#over.signal);
        if (this.#heardAtMs === undefined || this.#heardAtMs === knownMs) break;
        knownMs = this.#heardAtMs;
        waitMs = knownMs + this.#timeoutMs - this.#clock.monotonic();
        if (waitMs <= 0) break;
      }
    } catch {
      return;
    }
    const ms = this.#timeoutMs;
    this.#expired.abort(
      new ImageError({
        kind: 'timeout',
        outcome: 'not-submitted',
        retryable: true,
        backend: this.#backend,
        ...(this.kind === 'silence' ? say('task-silent', { ms }) : say('task-timeout', { ms })),
      }),
    );
  }
}
