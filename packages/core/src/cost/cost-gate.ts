import { ImageError } from '../contract/index.ts';
import type { BackendCapabilities, ImageBackend, ImageUsage } from '../contract/index.ts';
import { LinkedAbort } from '../internal/linked-abort.ts';
import {
  estimateSubmission,
  findPrice,
  measureSubmission,
  roundAmount,
  shareOf,
  sumAmounts,
  worstCase,
} from './cost.ts';
import type { Money, PricedRequest } from './cost.ts';
import { assertCostLimits } from './cost-limits.ts';
import type { CostLimits, MaxCost } from './cost-limits.ts';
import { say } from './cost-messages.ts';
import type { OnWaiting } from '../limits/unknown-outcome-holds.ts';
import type { Message } from '../messages/message.ts';
import type { Price, PriceList } from './price.ts';

/** Estimated spending by the price list, including submissions in flight. */
export interface Spending {
  /** Submissions that may be charged. */
  readonly submissions: number;
  /** By currency, for submissions with a known price. */
  readonly amounts: readonly Money[];
  /** Submissions with an unknown price, which no amount includes. */
  readonly unpriced: number;
}

/** What a gate needs to know about a backend. */
export interface PaidBackend extends Pick<ImageBackend, 'name' | 'model'> {
  readonly capabilities: Pick<BackendCapabilities, 'billable' | 'priceShare'>;
}

interface Entry {
  readonly backend: PaidBackend;
  readonly currency: string | undefined;
  /** The highest possible cost. */
  readonly amount: number;
}

/**
 * Every submission that may cost money, retries included, passes this gate before it is sent, and is stopped if it would exceed a
 * limit. Its highest possible cost is reserved until it ends; then its real cost counts. A free refusal releases the reservation; a
 * submission that may be charged (`failed`, `lost`, `unknown`) does not. Several clients may share a gate.
 */
export class CostGate {
  readonly #maxSubmissions: number | undefined;
  readonly #maxCost: MaxCost | undefined;
  readonly #prices: PriceList;
  readonly #entries = new Map<string, Entry>();
  /** Sums of settled submissions, so that a long run does not fill the memory. */
  readonly #settled = new Map<string, number>();
  #settledCount = 0;
  #settledUnpriced = 0;
  #change = Promise.withResolvers<void>();

  /** @throws {ImageError} kind `invalid-request` for an invalid limit or price. */
  constructor(limits: CostLimits = {}) {
    assertCostLimits(limits);
    this.#maxSubmissions = limits.maxSubmissions;
    this.#maxCost = limits.maxCost;
    this.#prices = limits.prices ?? {};
  }

  /** The price of a backend, or that share of it; undefined if unknown. */
  priceOf({ name, model }: Pick<ImageBackend, 'name' | 'model'>, share: number = 1): Price | undefined {
    const price = findPrice(name, model, this.#prices);
    return price === undefined ? undefined : shareOf(price, share);
  }

  /**
   * Reserves the cost of one submission. Harmless to repeat for the same key.
   * @throws {ImageError} kind `budget`, outcome `not-submitted`.
   */
  reserve(key: string, backend: PaidBackend, request: PricedRequest): void {
    if (!backend.capabilities.billable || this.#entries.has(key)) return;
    const price = this.priceOf(backend, backend.capabilities.priceShare);
    const amount = price === undefined ? 0 : worstCase(price, request);
    this.#assertRoom(backend, price, 1, amount);
    this.#entries.set(key, { backend, amount, currency: price?.currency });
  }

  /**
   * Reserves the cost of one submission, and waits while open reservations may still shrink. Rejects with the signal's reason on
   * abort.
   * @throws {ImageError} kind `budget`, outcome `not-submitted`: settled submissions leave no room.
   */
  async untilReserved(
    key: string,
    backend: PaidBackend,
    request: PricedRequest,
    signal: AbortSignal,
    onWaiting: OnWaiting,
  ): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      const changed = this.#change.promise;
      try {
        this.reserve(key, backend, request);
        return;
      } catch {
        const price = this.priceOf(backend, backend.capabilities.priceShare);
        this.#assertRoom(backend, price, 1, price === undefined ? 0 : worstCase(price, request), 'settled');
      }
      if (tries === 0) onWaiting(say('budget-waits'), 0);
      await untilChanged(changed, signal);
    }
  }

  /** The highest possible cost of an open reservation; undefined if its price is unknown or it is free. */
  reservedFor(key: string): Money | undefined {
    const { amount, currency } = this.#entries.get(key) ?? {};
    return amount === undefined || currency === undefined ? undefined : { amount, currency };
  }

  /** The submission was not accepted and costs nothing. */
  release(key: string): void {
    if (this.#entries.delete(key)) this.#changed();
  }

  /** The submission was accepted and has ended; the provider's count replaces the reservation. */
  settle(key: string, usage?: ImageUsage): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#changed();
    this.#settledCount += 1;
    const { backend, currency } = entry;
    const price = this.priceOf(backend, backend.capabilities.priceShare);
    if (price === undefined || currency === undefined) {
      this.#settledUnpriced += 1;
      return;
    }
    const amount = measureSubmission(price, usage) ?? entry.amount;
    this.#settled.set(currency, roundAmount((this.#settled.get(currency) ?? 0) + amount));
  }

  /**
   * Checks, without a reservation, whether this many more submissions would pass.
   * @throws {ImageError} kind `budget`.
   */
  assertRoom(backend: PaidBackend, count: number, request: PricedRequest = {}): void {
    if (!backend.capabilities.billable) return;
    const price = this.priceOf(backend, backend.capabilities.priceShare);
    this.#assertRoom(backend, price, count, price === undefined ? 0 : count * estimateSubmission(price, request));
  }

  /** Spending since the gate was created. */
  get spending(): Spending {
    const held = [...this.#entries.values()];
    const settled = [...this.#settled].map(([currency, amount]) => ({ currency, amount }));
    const open = held.flatMap(({ currency, amount }) => (currency === undefined ? [] : [{ currency, amount }]));
    return {
      submissions: this.#settledCount + held.length,
      amounts: sumAmounts([...settled, ...open]),
      unpriced: this.#settledUnpriced + held.filter(({ currency }) => currency === undefined).length,
    };
  }

  #changed(): void {
    const change = this.#change;
    this.#change = Promise.withResolvers<void>();
    change.resolve();
  }

  #assertRoom(
    backend: PaidBackend,
    price: Price | undefined,
    count: number,
    amount: number,
    counted: 'all' | 'settled' = 'all',
  ): void {
    const submissions = this.#settledCount + (counted === 'all' ? this.#entries.size : 0);
    const maxSubmissions = this.#maxSubmissions;
    if (maxSubmissions !== undefined && submissions + count > maxSubmissions) {
      throw overBudget(backend, say('budget-submissions', { count, made: submissions, max: maxSubmissions }));
    }
    if (this.#maxCost === undefined) return;
    if (price === undefined) {
      throw overBudget(backend, say('price-unknown', { backend: backend.name, model: backend.model }));
    }
    const { currency } = price;
    const limit = this.#limitIn(currency, backend);
    const spent =
      counted === 'all'
        ? this.spending.amounts.find((money) => money.currency === currency)?.amount
        : this.#settled.get(currency);
    const sum = (spent ?? 0) + amount;
    // Prices are decimal fractions: the tolerance absorbs rounding errors of their sums.
    if (sum > limit + 1e-9) {
      throw overBudget(backend, say('budget-cost', { sum: roundAmount(sum), currency, limit }));
    }
  }

  /** Currencies are never converted: a limit in one says nothing about another. */
  #limitIn(currency: string, backend: PaidBackend): number {
    const maxCost = this.#maxCost;
    if (typeof maxCost === 'object') {
      const limit = maxCost[currency];
      if (limit !== undefined) return limit;
      throw overBudget(backend, say('budget-currency', { backend: backend.name, currency }));
    }
    const other = this.spending.amounts.find((money) => money.currency !== currency && money.amount > 0);
    if (other !== undefined) {
      throw overBudget(
        backend,
        say('budget-other-currency', { backend: backend.name, currency, limit: maxCost ?? 0, other: other.currency }),
      );
    }
    return maxCost ?? Number.POSITIVE_INFINITY;
  }
}

async function untilChanged(changed: Promise<void>, signal: AbortSignal): Promise<void> {
  const stop = new LinkedAbort([signal]);
  const stopped = Promise.withResolvers<void>();
  stop.signal.addEventListener('abort', () => stopped.resolve(), { once: true });
  try {
    if (!stop.signal.aborted) await Promise.race([changed, stopped.promise]);
  } finally {
    stop.release();
  }
  signal.throwIfAborted();
}

function overBudget(backend: PaidBackend, said: Message): ImageError {
  return new ImageError({ kind: 'budget', outcome: 'not-submitted', backend: backend.name, ...said });
}
