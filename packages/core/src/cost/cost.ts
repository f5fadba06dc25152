import type { ImageSize, ImageUsage } from '../contract/index.ts';
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
  readonly size?: ImageSize;
  readonly count?: number;
  readonly providerOptions?: Readonly<Record<string, unknown>>;
}

const square: ImageSize = { width: 1024, height: 1024 };

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
 * The expected cost of one submission before it is sent; the most expensive quality if the request does not choose one. References
 * and previews are included where the list has their tokens; those of the prompt are known afterwards.
 */
export function estimateSubmission(price: Price, request: PricedRequest): number {
  const { count = 1 } = request;
  return roundAmount(count * imagePrice(price, request) + extraPrice(price, request));
}

/** The price of one image, by what is known of it. */
function imagePrice(price: Price, { size, providerOptions }: PricedRequest): number {
  const { edgeFactors, perMillionTokens, byQuality, byPixels, perImage } = price;
  const quality = String(providerOptions?.['quality']);
  if (edgeFactors !== undefined && perMillionTokens !== undefined) {
    const tokens = outputTokens(highestOr(edgeFactors, quality), size ?? square);
    return (tokens * perMillionTokens.output) / 1e6;
  }
  const pixels = pixelsOf(size);
  const tier = byPixels?.find(({ upTo }) => pixels <= upTo)?.perImage ?? perImage;
  const known = byQuality !== undefined && Object.hasOwn(byQuality, quality) ? byQuality[quality] : undefined;
  return (known ?? tier) * growth(price, size);
}

function growth({ growsWithPixels }: Price, size: ImageSize | undefined): number {
  return growsWithPixels === true ? Math.max(1, pixelsOf(size) / pixelsOf(square)) : 1;
}

function pixelsOf({ width, height }: ImageSize = square): number {
  return width * height;
}

/** As https://community.openai.com/t/1382699 derives it from OpenAI's price page, whose examples it gives exactly. */
function outputTokens(factor: number, { width, height }: ImageSize): number {
  const across = Math.round((factor * Math.min(width, height)) / Math.max(width, height));
  return Math.ceil((factor * across * (2_000_000 + width * height)) / 4_000_000);
}

function extraPrice(
  { perMillionTokens, maxTokens }: Price,
  { providerOptions, references = [] }: PricedRequest,
): number {
  if (perMillionTokens === undefined || maxTokens === undefined) return 0;
  const previews = Number(providerOptions?.['partialImages'] ?? 0) * (maxTokens.perPreview ?? 0);
  const pictures = maxTokens.perReference * references.length;
  return (pictures * perMillionTokens.input + previews * perMillionTokens.output) / 1e6;
}

/**
 * The highest possible cost of one submission by the price list, which is reserved until it ends. A token of a text has at least one
 * byte.
 */
export function worstCase(price: Price, request: PricedRequest): number {
  const { perMillionTokens, maxTokens } = price;
  const estimate = estimateSubmission(price, request);
  if (perMillionTokens === undefined || maxTokens === undefined) return estimate;
  const { count = 1, size, providerOptions, prompt = '' } = request;
  let image = imagePrice(price, request);
  if (price.edgeFactors === undefined && maxTokens.output !== undefined) {
    const tokens = highestOr(maxTokens.output, String(providerOptions?.['quality'])) * growth(price, size);
    image = Math.max(image, (tokens * perMillionTokens.output) / 1e6);
  }
  const text = (Buffer.byteLength(prompt) * perMillionTokens.input) / 1e6;
  return roundAmount(count * image + extraPrice(price, request) + text);
}

/** The value of that name, or the highest. */
function highestOr(values: Readonly<Record<string, number>>, name: string): number {
  const known = Object.hasOwn(values, name) ? values[name] : undefined;
  return known ?? Math.max(...Object.values(values));
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
