import type { Clock } from '../internal/clock.ts';
import type { PermitStore } from '../stores/permit-store.ts';

/** What the queries of a lane need. */
export interface QueryQueueOptions {
  readonly lane: string;
  /** Absent = no limit is known. */
  readonly perSecond: number | undefined;
  readonly permits: PermitStore;
  readonly clock: Clock;
}

/** The pace without the store that shares the rate, and how long it is left alone after a fault, in milliseconds. */
const alonePaceMs = 1000;
const aloneMs = 10_000;

interface Waiter {
  readonly urgency: () => number;
  readonly turn: PromiseWithResolvers<void>;
}

/**
 * The queries of one lane, at most as many a second as the provider allows, shared with other processes. When more jobs are
 * due than there are turns, the one whose answer is worth most goes first.
 */
export class QueryQueue {
  readonly #options: QueryQueueOptions;
  readonly #waiting = new Set<Waiter>();
  readonly #closed = new AbortController();
  #serving = false;
  /** Until then the store is not asked; monotonic milliseconds. */
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

  /** Ends the waits for turns; whoever waits is let through, and finds its own signal aborted. */
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
   * How long to wait for a turn. A store that cannot tell abandons no job that is paid: until it can, this process asks
   * slowly, so that several of them stay within the rate.
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
