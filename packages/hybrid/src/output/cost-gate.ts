import { ImageError } from '@holodeck/core';
import type { ImageBackend } from '@holodeck/core';
import { errorSource } from '../internal/errors.ts';
import type { PriceList } from './price-list.ts';

/** Limits of what one client may spend. */
export interface CostLimits {
  /** Most submissions that may cost money. Default: no limit. */
  readonly maxSubmissions?: number;
  /** Most that submissions may cost by the price list, in the currency of the backend's price. Default: no limit. */
  readonly maxCost?: number;
}

/**
 * Stops submissions before they are sent when the client's limits are reached. A submission that was refused for free is
 * given back.
 */
export class CostGate {
  readonly #limits: CostLimits;
  readonly #prices: PriceList;
  readonly #spent = new Map<string, number>();

  constructor(limits: CostLimits, prices: PriceList) {
    this.#limits = limits;
    this.#prices = prices;
  }

  /**
   * Asks for one submission: the given attempt of a task. Asking for the same one again takes nothing more.
   *
   * @throws ImageError of kind `budget`.
   */
  take(backend: ImageBackend, task: string, attempt: number): void {
    const key = `${task}\n${attempt}`;
    if (!backend.capabilities.billable || this.#spent.has(key)) return;
    this.#spent.set(key, this.#assertRoom(backend, 1));
  }

  /** The last submission of a task was not accepted, and costs nothing. */
  giveBack(task: string): void {
    const keys = [...this.#spent.keys()].filter((key) => key.startsWith(`${task}\n`));
    const last = keys.at(-1);
    if (last !== undefined) this.#spent.delete(last);
  }

  /**
   * Asks, without taking anything, whether so many submissions would pass.
   *
   * @throws ImageError of kind `budget`.
   */
  assertRoom(backend: ImageBackend, count: number): void {
    if (backend.capabilities.billable) this.#assertRoom(backend, count);
  }

  #assertRoom(backend: ImageBackend, count: number): number {
    const { maxSubmissions, maxCost } = this.#limits;
    if (maxSubmissions !== undefined && this.#spent.size + count > maxSubmissions) {
      throw budgetError(
        `This needs ${count} more paid submission(s); ${this.#spent.size} of the allowed ${maxSubmissions} have been made. Raise maxSubmissions to go on.`,
      );
    }
    const price = this.#prices[backend.name];
    if (maxCost === undefined) return price?.perImage ?? 0;
    if (price === undefined) {
      throw budgetError(
        `The price of ${backend.name} is not known, so maxCost cannot be kept. Give it in the option prices.`,
      );
    }
    const sum = [...this.#spent.values()].reduce((total, cost) => total + cost, 0);
    // Prices are decimal fractions: a tolerance far below a cent keeps their sums from tripping the limit.
    if (sum + count * price.perImage > maxCost + 1e-9) {
      throw budgetError(
        `This would cost about ${round(sum + count * price.perImage)} ${price.currency}, more than the allowed ${maxCost}. Raise maxCost to go on.`,
      );
    }
    return price.perImage;
  }
}

function budgetError(message: string): ImageError {
  return new ImageError({ kind: 'budget', outcome: 'not-submitted', message, backend: errorSource });
}

function round(amount: number): number {
  return Math.round(amount * 100) / 100;
}
