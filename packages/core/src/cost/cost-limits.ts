import { invalidRequest } from '../contract/index.ts';
import { showValue } from '../internal/show-value.ts';
import { say } from './cost-messages.ts';
import type { PriceList } from './price.ts';

/**
 * The highest spending. A number is in the currency of the first paid submission; other currencies are then refused, because
 * nothing is converted. An object has an amount for each currency, and refuses others: `{ CNY: 2, USD: 0.5 }`.
 */
export type MaxCost = number | Readonly<Record<string, number>>;

/** Spending limits and the prices behind them. */
export interface CostLimits {
  /** The highest number of submissions that may cost money. Default: no limit. */
  readonly maxSubmissions?: number;
  /** The highest cost of submissions by the price list. Default: no limit. */
  readonly maxCost?: MaxCost;
  /** By `"<backend>/<model>"` or `"<backend>"`; overrides entries of the built-in list. */
  readonly prices?: PriceList;
}

/** @throws {ImageError} kind `invalid-request` that names the option, its value and its type. */
export function assertCostLimits({ maxSubmissions, maxCost, prices }: CostLimits): void {
  if (maxSubmissions !== undefined && !(Number.isSafeInteger(maxSubmissions) && maxSubmissions >= 0)) {
    throw invalidRequest(say('cost-submissions', shown(maxSubmissions)));
  }
  if (maxCost !== undefined && !isAmount(maxCost)) {
    const amounts = typeof maxCost === 'object' && maxCost !== null ? Object.entries(maxCost) : [];
    if (amounts.length === 0) throw invalidRequest(say('cost-amounts', shown(maxCost)));
    for (const [currency, amount] of amounts) {
      if (!isCurrency(currency)) throw invalidRequest(say('cost-currencies', shown(maxCost)));
      if (!isAmount(amount)) throw invalidRequest(say('cost-amount', { currency, ...shown(amount) }));
    }
  }
  for (const [name, price] of Object.entries(prices ?? {})) {
    const { perImage, currency, byQuality, edgeFactors, perMillionTokens } = price ?? {};
    const amounts = [perImage, ...Object.values(byQuality ?? {}), ...Object.values(edgeFactors ?? {})];
    if (perMillionTokens !== undefined) amounts.push(perMillionTokens.input, perMillionTokens.output);
    if (!amounts.every(isAmount) || !isCurrency(currency)) {
      throw invalidRequest(say('cost-price', { name, ...shown(price) }));
    }
  }
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isCurrency(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z]{3}$/.test(value);
}

function shown(value: unknown): { readonly value: string; readonly type: string } {
  return { value: showValue(value), type: typeof value };
}
