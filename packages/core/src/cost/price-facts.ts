import { defaultPrices } from './default-prices.ts';
import type { PriceList } from './price.ts';

const goodForMs = 90 * 24 * 3600 * 1000;

/** The newest date in a price list, and whether it is more than 90 days ago: prices change. Months count from their end. */
export function priceListAge(
  nowMs: number,
  prices: PriceList = defaultPrices,
): { readonly asOf: string; readonly isOld: boolean } {
  const asOf = Object.values(prices).reduce(
    (latest, price) => ((price.asOf ?? '') > latest ? (price.asOf ?? '') : latest),
    '',
  );
  const [year = 0, month = 1, day] = asOf.split('-').map(Number);
  const endMs = day === undefined ? Date.UTC(year, month, 1) : Date.UTC(year, month - 1, day + 1);
  return { asOf, isOld: nowMs - endMs > goodForMs };
}

/** A higher quality of another model, at the price of a quality of this one. */
export interface EqualPrice {
  readonly quality: string;
  readonly model: string;
  readonly highQuality: string;
}

/** The first model of the built-in list that draws at a higher quality for the same price, by quality; empty if there is none. */
export function equalPrices(backend: string, model: string): readonly EqualPrice[] {
  const { edgeFactors: own, perMillionTokens: tokens } = defaultPrices[`${backend}/${model}`] ?? {};
  if (own === undefined) return [];
  for (const [name, price] of Object.entries(defaultPrices)) {
    const { edgeFactors: theirs = {} } = price;
    if (!name.startsWith(`${backend}/`) || price.perMillionTokens?.output !== tokens?.output) continue;
    const order = Object.keys(theirs);
    const better = Object.entries(own).flatMap(([quality, factor]) => {
      const highQuality = order.findLast((one) => theirs[one] === factor) ?? quality;
      const isHigher = order.includes(quality) && order.indexOf(highQuality) > order.indexOf(quality);
      return isHigher ? [{ quality, model: name.slice(backend.length + 1), highQuality }] : [];
    });
    if (better.length > 0) return better;
  }
  return [];
}
