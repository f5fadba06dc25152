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
    const { permits, lane, clock } = this.#options;
    this.#serving = true;
    try {
      while (this.#waiting.size > 0) {
        const waitMs = await permits.reserveRate(lane, 'query', perSecond);
        if (waitMs > 0) await clock.sleep(waitMs, this.#closed.signal).catch(() => undefined);
        this.#mostUrgent()?.turn.resolve();
      }
    } catch (error) {
      for (const { turn } of this.#waiting) turn.reject(error);
    } finally {
      this.#serving = false;
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
