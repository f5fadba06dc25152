import type { ImageUsage } from '@holodeck/core';
import type { AssetCost } from '../assets/asset-record.ts';

/** What one submission that a provider accepts costs. */
export interface Price {
  readonly perImage: number;
  /** ISO 4217. */
  readonly currency: string;
}

/** Prices by backend name. */
export type PriceList = Readonly<Record<string, Price>>;

/**
 * What is known without asking: Hunyuan Image 3.0 at the list price that third parties name (0.2 CNY an image; the
 * vendor's own page is https://cloud.tencent.com/document/product/1729/97732), ComfyUI on own hardware nothing. OpenAI
 * bills by tokens; give a price of your own for an estimate.
 */
export const defaultPrices: PriceList = {
  hunyuan: { perImage: 0.2, currency: 'CNY' },
  comfyui: { perImage: 0, currency: 'CNY' },
};

/** The cost of an asset by the price list. An estimate: bills are the provider's. */
export function costOf(backend: string, paidSubmissions: number, prices: PriceList, usage?: ImageUsage): AssetCost {
  const price = prices[backend];
  if (price === undefined) return { paidSubmissions };
  const images = Math.max(paidSubmissions, usage?.images ?? 0);
  return { paidSubmissions, amount: Math.round(images * price.perImage * 1e6) / 1e6, currency: price.currency };
}
