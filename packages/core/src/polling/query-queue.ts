import type { Clock } from '../internal/clock.ts';
import type { PermitStore } from '../stores/permit-store.ts';

export interface QueryQueueOptions {
  readonly lane: string;
  /** Undefined = no known limit. */
  readonly perSecond: number | undefined;
  readonly permits: PermitStore;
  readonly clock: Clock;
}

/** After a fault of the permit store: the pace without it, and how long it is not asked, in milliseconds. */
const alonePaceMs = 1000;
const aloneMs = 10_000;

interface Waiter {
  readonly urgency: () => number;
  readonly turn: PromiseWithResolvers<void>;
}

/**
 * The queries of one lane, at the provider's rate, shared with other processes. If more jobs are due than the rate allows, the
 * most urgent one goes first.
 */
export class QueryQueue {
  readonly #options: QueryQueueOptions;
  readonly #waiting = new Set<Waiter>();
  readonly #closed = new AbortController();
  #serving = false;
  /** The store is not asked until then; monotonic milliseconds. */
  #aloneUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: QueryQueueOptions) {
    this.#options = options;
  }

  /** Waits for a turn; rejects with the signal's reason. */
  async enter(signal: AbortSignal, urgency: () => number): Promise<void> {
    signal.throwIfAborted();
    if (this.#options.perSecond === undefined) return;
    const waiter: Waiter = { urgency, turn: Promise.withResolvers() };
    const onAbort = (): void => waiter.turn.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.add(waiter);
    if (!this.#serving) void this.#serve(this.#options.perSecond);
    try {
      await waiter.turn.promise;
    } finally {
      this.#waiting.delete(waiter);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends all waits; the waiting callers find their own signals aborted. */
  close(): void {
    this.#closed.abort();
  }

  async #serve(perSecond: number): Promise<void> {
    const { clock } = this.#options;
    this.#serving = true;
    try {
      while (this.#waiting.size > 0) {
        const waitMs = await this.#reserve(perSecond);
        if (waitMs > 0) await clock.sleep(waitMs, this.#closed.signal).catch(() => undefined);
        this.#mostUrgent()?.turn.resolve();
      }
    } finally {
      this.#serving = false;
    }
  }

  /**
   * How long to wait for a turn. If the store fails, paid jobs are still polled, but slowly, so that several processes stay
   * within the rate.
   */
  async #reserve(perSecond: number): Promise<number> {
    const { permits, lane, clock } = this.#options;
    const now = clock.monotonic();
    if (now < this.#aloneUntilMs) return alonePaceMs;
    try {
      return await permits.reserveRate(lane, 'query', perSecond);
    } catch {
      this.#aloneUntilMs = clock.monotonic() + aloneMs;
      return alonePaceMs;
    }
  }

  #mostUrgent(): Waiter | undefined {
    let best: Waiter | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (const waiter of this.#waiting) {
      const urgency = this.#waiting.size === 1 ? 0 : waiter.urgency();
      if (urgency <= most) continue;
      most = urgency;
      best = waiter;
    }
    if (best !== undefined) this.#waiting.delete(best);
    return best;
  }
}
