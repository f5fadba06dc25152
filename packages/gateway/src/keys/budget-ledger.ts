import { ImageError } from '@holodeck/core';
import type { Money } from '@holodeck/core';
import type { Store } from '@holodeck/core/stores';
import { say } from '../jobs/gateway-messages.ts';
import type { Caller } from './caller.ts';

const prefix = 'budget:';
/** Absorbs rounding errors of sums of decimal fractions. */
const tolerance = 1e-9;

/**
 * What each key has spent, in the store: several gateways count together, and a restart forgets nothing. A submission's highest
 * cost is added before it is sent; what it did not cost is taken off when its task is over. A killed process leaves its
 * reservation, which counts as spent.
 */
export class BudgetLedger {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** @throws {ImageError} kind `budget`, outcome `not-submitted`. */
  async reserve(caller: Caller, backend: string, cost: Money | undefined): Promise<void> {
    const { key, maxCost, budget = key } = caller;
    if (maxCost === undefined || caller.free?.includes(backend) === true) return;
    if (cost === undefined) {
      throw overBudget(
        backend,
        key === '' ? say('limit-no-price', { backend }) : say('budget-no-price', { backend, key }),
      );
    }
    const { amount, currency } = cost;
    await this.#change(budget, (spent) => {
      const limit = typeof maxCost === 'number' ? limitOf(maxCost, spent, currency) : maxCost[currency];
      if (limit === undefined) {
        throw overBudget(
          backend,
          key === '' ? say('limit-currency', { currency }) : say('budget-currency', { key, currency }),
        );
      }
      const sum = spent[currency] ?? 0;
      if (sum + amount > limit + tolerance) {
        const sums = { limit, spent: round(sum), cost: amount, currency };
        throw overBudget(backend, key === '' ? say('spend-limit', sums) : say('budget-used', { key, ...sums }));
      }
      return { ...spent, [currency]: round(sum + amount) };
    });
  }

  /** Takes off what a reservation did not cost. */
  async giveBack({ key, maxCost, budget = key }: Caller, { amount, currency }: Money): Promise<void> {
    if (maxCost === undefined || amount <= 0) return;
    await this.#change(budget, (spent) => ({
      ...spent,
      [currency]: Math.max(0, round((spent[currency] ?? 0) - amount)),
    }));
  }

  /** By currency. */
  async spent(key: string): Promise<Readonly<Record<string, number>>> {
    return amountsOf((await this.#store.sessions.get(`${prefix}${key}`))?.data);
  }

  async #change(
    key: string,
    change: (spent: Readonly<Record<string, number>>) => Readonly<Record<string, number>>,
  ): Promise<void> {
    for (;;) {
      const stored = await this.#store.sessions.get(`${prefix}${key}`);
      const data = { spent: change(amountsOf(stored?.data)) };
      const row = { sessionId: `${prefix}${key}`, state: 'free', epoch: 0, data } as const;
      if ((await this.#store.sessions.compareAndSet(stored?.revision ?? 0, row)) !== undefined) return;
    }
  }
}

/** A number is in the currency of the first paid submission; nothing is converted. */
function limitOf(limit: number, spent: Readonly<Record<string, number>>, currency: string): number | undefined {
  const other = Object.entries(spent).some(([name, amount]) => name !== currency && amount > 0);
  return other ? undefined : limit;
}

function amountsOf(data: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, number>> {
  return (data?.['spent'] ?? {}) as Readonly<Record<string, number>>;
}

function round(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}

function overBudget(backend: string, said: ReturnType<typeof say>): ImageError {
  return new ImageError({ kind: 'budget', outcome: 'not-submitted', backend, ...said });
}
