import { readTextFile } from '@holodeck/core/backend';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { MaxCost, PriceList, ResultCache } from '@holodeck/core';

import { CommandError } from '../run/command-error.ts';
import { messages } from '../messages/messages.ts';
import { reasonOf } from '../run/reason-of.ts';

/** The options that limit what is paid. */
export interface LimitOptions {
  readonly maxCost?: MaxCost;
  /** A JSON file. */
  readonly prices?: string;
}

/** The options of a command that may pay for something. */
export interface CostOptions extends LimitOptions {
  readonly dryRun?: boolean;
  readonly cache?: boolean;
}

/** What clients take of them. */
export interface CostSettings {
  readonly maxCost?: MaxCost;
  readonly prices?: PriceList;
  readonly cache?: ResultCache;
}

/**
 * Adds `--dry-run`, `--max-cost`, `--prices` and `--cache`.
 *
 * @param dryRun What `--dry-run` shows. Default: what would be sent.
 */
export function withCostOptions(command: Command, dryRun?: string): Command {
  const { cost } = messages().commands;
  return command
    .option('--dry-run', dryRun ?? cost.dryRun)
    .option('--max-cost <amount>', cost.maxCost, maxCostOption)
    .option('--prices <file.json>', cost.prices)
    .option('--cache', cost.cache);
}

/** A parser for `--max-cost`: `2`, or once for each currency `2CNY`. */
export function maxCostOption(text: string, previous?: MaxCost): MaxCost {
  const [, digits = '', currency = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]{3})?\s*$/i.exec(text) ?? [];
  if (digits === '') throw new InvalidArgumentError(messages().errors.cost.maxCost);
  const amount = Number(digits);
  if (previous === undefined) return currency === '' ? amount : { [currency.toUpperCase()]: amount };
  if (typeof previous === 'number' || currency === '')
    throw new InvalidArgumentError(messages().errors.cost.oneCurrency);
  return { ...previous, [currency.toUpperCase()]: amount };
}

/**
 * What clients are made with.
 *
 * @throws CommandError for a price file that cannot be read, ImageError of kind `invalid-request` for prices that are not prices.
 */
export async function costSettings({ maxCost, prices: file, cache }: CostOptions): Promise<CostSettings> {
  const { ResultCache } = await import('@holodeck/core');
  const { assertCostLimits } = await import('@holodeck/core/backend');
  const prices = file === undefined ? {} : { prices: readPrices(file) };
  assertCostLimits(prices);
  return {
    ...prices,
    ...(maxCost === undefined ? {} : { maxCost }),
    ...(cache === true ? { cache: new ResultCache() } : {}),
  };
}

function readPrices(file: string): PriceList {
  const { cost } = messages().errors;
  let value: unknown;
  try {
    value = JSON.parse(readTextFile(file));
  } catch (error) {
    throw new CommandError(cost.prices(file, reasonOf(error)));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new CommandError(cost.notPrices(file));
  return value as PriceList;
}
