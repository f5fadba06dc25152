import type { ImageUsage } from '../contract/index.ts';
import { defaultPrices } from './default-prices.ts';
import type { Price, PriceList } from './price.ts';

/** What something has cost by the price list. An estimate: the bill is the provider's. */
export interface Cost {
  /** Submissions that the provider accepted. */
  readonly paidSubmissions: number;
  /** Their price; absent when the list has none. */
  readonly amount?: number;
  /** ISO 4217; absent with `amount`. */
  readonly currency?: string;
}

/** An amount in one currency. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** The part of a request that decides its price. */
export interface PricedRequest {
  readonly prompt?: string;
  readonly references?: readonly unknown[];
  readonly size?: { readonly width: number; readonly height: number };
  readonly count?: number;
  readonly providerOptions?: Readonly<Record<string, unknown>>;
}

const squarePixels = 1024 * 1024;

/**
 * The price of a model, also of a dated version of it (`gpt-image-2-2026-04-21`); entries of the caller's list go before all of the built-in one.
 * Undefined when neither has any.
 */
export function findPrice(backend: string, model: string, prices: PriceList = {}): Price | undefined {
  const undated = model.replace(/-\d{4}-\d{2}-\d{2}$/, '');
  for (const list of [prices, defaultPrices]) {
    for (const name of [`${backend}/${model}`, `${backend}/${undated}`, backend]) {
      if (Object.hasOwn(list, name)) return list[name];
    }
  }
  return undefined;
}

/**
 * What one submission of a request is expected to cost, before it is sent: the most expensive where the request leaves it open.
 * Tokens of the words, references and previews come on top, and are known afterwards.
 */
export function estimateSubmission(price: Price, request: PricedRequest): number {
  const { count = 1, providerOptions } = request;
  const quality = providerOptions?.['quality'];
  const known = typeof quality === 'string' && price.byQuality !== undefined && Object.hasOwn(price.byQuality, quality);
  const perImage = known ? (price.byQuality?.[quality] ?? price.perImage) : price.perImage;
  return roundAmount(count * perImage * growth(price, request));
}

/**
 * The most that one submission can cost by the price list: what is reserved for it until it is over. Every token of a text is at
 * least one byte of it.
 */
export function worstCase(price: Price, request: PricedRequest): number {
  const estimate = estimateSubmission(price, request);
  const { perMillionTokens, maxTokens } = price;
  if (perMillionTokens === undefined || maxTokens === undefined) return estimate;
  const { count = 1, providerOptions, prompt = '', references = [] } = request;
  const quality = providerOptions?.['quality'];
  const known = typeof quality === 'string' && Object.hasOwn(maxTokens.output, quality);
  const perImage = known ? (maxTokens.output[quality] ?? 0) : Math.max(...Object.values(maxTokens.output));
  const input = Buffer.byteLength(prompt) + maxTokens.perReference * references.length;
  const output = count * perImage * growth(price, request);
  return Math.max(estimate, roundAmount((input * perMillionTokens.input + output * perMillionTokens.output) / 1e6));
}

function growth(price: Price, { size }: PricedRequest): number {
  if (price.growsWithPixels !== true || size === undefined) return 1;
  return Math.max(1, (size.width * size.height) / squarePixels);
}

/** What one submission has cost by the tokens that the provider counted; undefined where tokens are not the measure. */
export function measureSubmission(price: Price, usage: ImageUsage | undefined): number | undefined {
  const { perMillionTokens } = price;
  if (perMillionTokens === undefined || usage?.outputTokens === undefined) return undefined;
  const input = usage.inputTokens ?? 0;
  const amount = (input * perMillionTokens.input + usage.outputTokens * perMillionTokens.output) / 1e6;
  // A server that counts nothing (a compatible one) tells nothing.
  return amount > 0 ? roundAmount(amount) : undefined;
}

/** What a task has cost: its last submission as measured where it was, the others as estimated. */
export function costOfTask(
  price: Price | undefined,
  request: PricedRequest,
  paidSubmissions: number,
  usage?: ImageUsage,
): Cost {
  if (price === undefined) return { paidSubmissions };
  const { currency } = price;
  if (paidSubmissions === 0) return { paidSubmissions, amount: 0, currency };
  const estimate = estimateSubmission(price, request);
  const last = measureSubmission(price, usage) ?? estimate;
  return { paidSubmissions, amount: roundAmount((paidSubmissions - 1) * estimate + last), currency };
}

/** To a millionth: sums of decimal fractions stay readable. */
export function roundAmount(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}

/** Sums by currency, in order of first appearance. */
export function sumAmounts(costs: Iterable<Pick<Cost, 'amount' | 'currency'>>): readonly Money[] {
  const sums = new Map<string, number>();
  for (const { amount, currency } of costs) {
    if (amount === undefined || currency === undefined) continue;
    sums.set(currency, roundAmount((sums.get(currency) ?? 0) + amount));
  }
  return [...sums].map(([currency, amount]) => ({ currency, amount }));
}
