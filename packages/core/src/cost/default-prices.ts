import type { Price, PriceList } from './price.ts';

const openaiPricing = 'https://developers.openai.com/api/docs/pricing';

/** What GPT Image 2 and later have in common. The most expensive square of 1024x1024 costs 7024 tokens. */
const imageTokens: Price = {
  perImage: 0.21072,
  perMillionTokens: { input: 8, output: 30 },
  maxTokens: { perReference: 6600, perPreview: 100 },
  currency: 'USD',
  source: openaiPricing,
  asOf: '2026-11',
};
/** Of GPT Image 2.5: `high` costs what `medium` of GPT Image 2 does. */
const extended: Readonly<Record<string, number>> = { low: 16, medium: 24, high: 48, xhigh: 64, max: 96 };
const newest = 'The price of a token; how many there are is not published, and estimated as for 2.5.';

/**
 * The built-in price list. Every figure is an estimate for limits and reports; the provider's bill decides. Your own price under the
 * same name, or under the backend's name, overrides it.
 */
export const defaultPrices: PriceList = {
  hunyuan: {
    perImage: 0.2,
    currency: 'CNY',
    source: 'https://cloud.tencent.com/document/product/1729/97732',
    asOf: '2026-06',
    note: 'As a third-party table cites that page for Image 3.0; packages and free quotas are not counted.',
  },
  'hunyuan/hy-image-v3.5-preview': {
    perImage: 0.2,
    byPixels: [{ upTo: 2048 * 2048, perImage: 0.15 }],
    currency: 'CNY',
    source: 'https://cloud.tencent.com/product/tokenhub',
    asOf: '2026-11',
    note: 'As third parties cite that page: 10 CNY for a million tokens, 15,000 tokens up to 2048x2048 pixels and 20,000 above.',
  },
  'openai/gpt-image-2': {
    ...imageTokens,
    edgeFactors: { low: 16, medium: 48, high: 96 },
    note: 'Billed by tokens, counted by a formula that gives the examples of that page. Input counts at the price of image tokens, the higher one.',
  },
  'openai/gpt-image-2.5-flare': { ...imageTokens, edgeFactors: extended },
  'openai/gpt-image-2.5-sunburst': {
    ...imageTokens,
    edgeFactors: extended,
    note: 'Its tokens are counted as those of gpt-image-2.5-flare, at the same price of a token.',
  },
  'openai/gpt-image-2.6-flare': { ...imageTokens, edgeFactors: extended, note: newest },
  'openai/gpt-image-2.6-sunburst': { ...imageTokens, edgeFactors: extended, note: newest },
  'openai/gpt-image-1.5': {
    perImage: 0.133,
    byQuality: { low: 0.009, medium: 0.034, high: 0.133 },
    growsWithPixels: true,
    perMillionTokens: { input: 8, output: 32 },
    maxTokens: { output: { low: 282, medium: 1063, high: 4160 }, perReference: 6600, perPreview: 100 },
    currency: 'USD',
    source: openaiPricing,
    asOf: '2026-05',
    note: 'Billed by tokens. Input counts at the price of image tokens, the higher one.',
  },
  'openai/gpt-image-1-mini': {
    perImage: 0.036,
    byQuality: { low: 0.005, medium: 0.011, high: 0.036 },
    growsWithPixels: true,
    perMillionTokens: { input: 2.5, output: 8 },
    maxTokens: { output: { low: 625, medium: 1375, high: 4500 }, perReference: 6600, perPreview: 100 },
    currency: 'USD',
    source: 'https://developers.openai.com/api/docs/models/gpt-image-1-mini',
    asOf: '2026-11',
    note: 'Billed by tokens. Input counts at the price of image tokens, the higher one.',
  },
  'openai/doubao-seedream-4-0-250828': {
    perImage: 0.2,
    currency: 'CNY',
    source: 'https://docs.kapon.cloud/doubao/image-seedream-4.0-n',
    asOf: '2026-11',
    note: 'As a reseller cites it, for each image that was made.',
  },
  'openai/grok-imagine-image': {
    perImage: 0.02,
    currency: 'USD',
    source: 'https://docs.crazyrouter.com/en/images/grok',
    asOf: '2026-11',
    note: 'As a reseller cites it; reference pictures may cost more.',
  },
  'openai/grok-imagine-image-quality': {
    perImage: 0.05,
    currency: 'USD',
    source: 'https://www.atlascloud.ai/zh/blog/guides/xai-grok-api-image-generation',
    asOf: '2026-11',
    note: 'As a reseller cites it; reference pictures may cost more.',
  },
  comfyui: { perImage: 0, currency: 'CNY', note: 'Own hardware: no provider charges anything.' },
};
