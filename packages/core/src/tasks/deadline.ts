import { ImageError } from '../contract/index.ts';
import type { ImageBackend } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import { say } from './task-messages.ts';

/** The reason that ends a sleep early. Shared: an `abort` without a reason creates an error with a stack. */
const stopped = new Error('No task is left.');

/** What ends when its time is over. */
export interface Expiring {
  expire(reason: ImageError): void;
}

/**
 * Ends each task of a client a fixed time after its `start` (or after it was last `heard`), with an `ImageError` of kind
 * `timeout`. The time is the same for all, so they end in the order of their starts, and one timer serves thousands.
 */
export class Deadlines {
  /** What is measured: a task's whole time, or how long nothing was heard of its job. */
  readonly kind: 'whole' | 'silence';
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #backend: string;
  /** When each task ends, the first one first; monotonic milliseconds. */
  readonly #endsMs = new Map<Expiring, number>();
  /** Ends the wait for the first one. */
  #wait: AbortController | undefined;

  constructor({ name, capabilities }: ImageBackend, clock: Clock, timeoutMs: number) {
    const { progress, billable, jobLastsMs = 0 } = capabilities;
    // A free job may take as long as it likes while its provider reports that it advances.
    this.kind = progress === 'push' && !billable ? 'silence' : 'whole';
    this.#clock = clock;
    this.#timeoutMs = Math.max(timeoutMs, jobLastsMs);
    this.#backend = name;
  }

  /** Starts the time of a task; later calls do nothing. */
  start(task: Expiring): void {
    if (this.#endsMs.has(task) || !Number.isFinite(this.#timeoutMs)) return;
    this.#endsMs.set(task, this.#clock.monotonic() + this.#timeoutMs);
    if (this.#wait === undefined) void this.#expire((this.#wait = new AbortController()).signal);
  }

  /** The job has shown that it waits, runs or advances. */
  heard(task: Expiring): void {
    // Deleted first, so that it comes last.
    if (this.kind === 'silence' && this.#endsMs.delete(task))
      this.#endsMs.set(task, this.#clock.monotonic() + this.#timeoutMs);
  }

  /** The task is over. */
  stop(task: Expiring): void {
    this.#endsMs.delete(task);
    if (this.#endsMs.size > 0) return;
    this.#wait?.abort(stopped);
    this.#wait = undefined;
  }

  async #expire(over: AbortSignal): Promise<void> {
    // Its first task has just started.
    for (let waitMs = this.#timeoutMs; ;) {
      const [first] = this.#endsMs;
      if (over.aborted || first === undefined) return;
      const [task, endsMs] = first;
      try {
        if (waitMs > 0) await this.#clock.sleep(waitMs, over);
      } catch {
        return;
      }
      // Meanwhile it may have ended, or was heard of.
      if (this.#endsMs.get(task) === endsMs) {
        const ms = this.#timeoutMs;
        const fields = { kind: 'timeout', outcome: 'not-submitted', retryable: true, backend: this.#backend } as const;
        this.stop(task);
        task.expire(
          new ImageError({ ...fields, ...say(this.kind === 'silence' ? 'task-silent' : 'task-timeout', { ms }) }),
        );
      }
      const [next] = this.#endsMs.values();
      waitMs = (next ?? 0) - this.#clock.monotonic();
    }
  }
}
