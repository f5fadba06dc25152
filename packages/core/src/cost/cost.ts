import type { ImageUsage } from '../contract/index.ts';
import { defaultPrices } from './default-prices.ts';
import type { Price, PriceList } from './price.ts';

/** An estimated cost by the price list; the provider's bill decides. */
export interface Cost {
  /** Submissions that the provider accepted. */
  readonly paidSubmissions: number;
  /** Their cost; absent if the price is unknown. */
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
 * The price of a model, also of a dated version (`gpt-image-2-2026-04-21`); undefined if unknown. The caller's list goes before the
 * built-in one.
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
 * The expected cost of one submission before it is sent; the most expensive quality if the request does not choose one. Tokens of
 * the prompt, references and previews come on top and are known afterwards.
 */
export function estimateSubmission(price: Price, request: PricedRequest): number {
  const { count = 1, providerOptions } = request;
  const quality = providerOptions?.['quality'];
  const known = typeof quality === 'string' && price.byQuality !== undefined && Object.hasOwn(price.byQuality, quality);
  const { size } = request;
  const pixels = size === undefined ? squarePixels : size.width * size.height;
  const tier = price.byPixels?.find(({ upTo }) => pixels <= upTo)?.perImage ?? price.perImage;
  const perImage = known ? (price.byQuality?.[quality] ?? tier) : tier;
  return roundAmount(count * perImage * growth(price, request));
}

/**
 * The highest possible cost of one submission by the price list, which is reserved until it ends. A token of a text has at least one
 * byte.
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
  const previews = Number(providerOptions?.['partialImages'] ?? 0) * (maxTokens.perPreview ?? 0);
  const output = count * perImage * growth(price, request) + previews;
  return Math.max(estimate, roundAmount((input * perMillionTokens.input + output * perMillionTokens.output) / 1e6));
}

function growth(price: Price, { size }: PricedRequest): number {
  if (price.growsWithPixels !== true || size === undefined) return 1;
  return Math.max(1, (size.width * size.height) / squarePixels);
}

/** The cost of one submission by the provider's token count; undefined if it does not charge by tokens. */
export function measureSubmission(price: Price, usage: ImageUsage | undefined): number | undefined {
  const { perMillionTokens } = price;
  if (perMillionTokens === undefined || usage?.outputTokens === undefined) return undefined;
  const input = usage.inputTokens ?? 0;
  const amount = (input * perMillionTokens.input + usage.outputTokens * perMillionTokens.output) / 1e6;
  // A compatible server may not count tokens.
  return amount > 0 ? roundAmount(amount) : undefined;
}

/** The cost of a task: its last submission measured if possible, the others estimated. */
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

/** A share of a price, such as half of it. */
export function shareOf(price: Price, share: number): Price {
  if (share === 1) return price;
  const { byQuality, byPixels, perMillionTokens: tokens } = price;
  return {
    ...price,
    perImage: price.perImage * share,
    ...(byQuality && {
      byQuality: Object.fromEntries(Object.entries(byQuality).map(([quality, amount]) => [quality, amount * share])),
    }),
    ...(byPixels && { byPixels: byPixels.map(({ upTo, perImage }) => ({ upTo, perImage: perImage * share })) }),
    ...(tokens && { perMillionTokens: { input: tokens.input * share, output: tokens.output * share } }),
  };
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
