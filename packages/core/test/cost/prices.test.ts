import { describe, expect, it } from 'vitest';
import { defaultPrices } from '../../src/index.ts';
import { worstCase } from '../../src/cost/cost.ts';
import { costOfTask, estimateSubmission, findPrice, sumAmounts } from '../../src/backend.ts';

const own = { perImage: 1, currency: 'EUR' };

describe('the price list', () => {
  it('takes the most particular entry, and the caller’s before the built-in ones', () => {
    expect(findPrice('openai', 'gpt-image-2')).toBe(defaultPrices['openai/gpt-image-2']);
    expect(findPrice('openai', 'gpt-image-2', { openai: own })).toBe(own);
    expect(findPrice('openai', 'gpt-image-2', { openai: { ...own, perImage: 2 }, 'openai/gpt-image-2': own })).toBe(
      own,
    );
    expect(findPrice('hunyuan', 'hunyuan-image-3.0', { openai: own })).toBe(defaultPrices['hunyuan']);
    expect(findPrice('openai', 'gpt-image-2-2026-04-21')).toBe(defaultPrices['openai/gpt-image-2']);
    // A compatible server's model has no price of OpenAI's.
    expect(findPrice('openai', 'sd-turbo')).toBeUndefined();
    expect(findPrice('constructor', 'toString')).toBeUndefined();
  });

  it.each(Object.entries(defaultPrices))('says where the price of %s comes from', (_name, price) => {
    expect(price.currency).toMatch(/^[A-Z]{3}$/);
    if (price.perImage === 0) return;
    expect(price.source).toMatch(/^https:\/\//);
    expect(price.asOf).toMatch(/^20\d\d-\d\d/);
  });

  it('estimates the dearest where a request leaves it open, and by quality, size and count where it does not', () => {
    const price = { ...own, perImage: 0.2, byQuality: { low: 0.01, high: 0.2 }, growsWithPixels: true };
    expect(estimateSubmission(price, {})).toBe(0.2);
    expect(estimateSubmission(price, { providerOptions: { quality: 'auto' } })).toBe(0.2);
    expect(estimateSubmission(price, { providerOptions: { quality: 'low' }, count: 3 })).toBe(0.03);
    expect(estimateSubmission(price, { size: { width: 2048, height: 2048 } })).toBe(0.8);
    expect(estimateSubmission(price, { size: { width: 512, height: 512 } })).toBe(0.2);
    expect(estimateSubmission(own, { size: { width: 2048, height: 2048 } })).toBe(1);
  });

  it('reserves what previews cost, which OpenAI charges as output', () => {
    const price = defaultPrices['openai/gpt-image-2']!;
    const low = { providerOptions: { quality: 'low' } };
    const three = { providerOptions: { quality: 'low', partialImages: 3 } };
    expect(worstCase(price, three) - worstCase(price, low)).toBeCloseTo((300 * 30) / 1e6, 6);
    expect(worstCase({ ...price, maxTokens: { output: { low: 1 }, perReference: 1 } }, three)).toBe(0.006);
  });

  it('measures the last submission of a task and estimates the ones before', () => {
    const price = { ...own, perMillionTokens: { input: 10, output: 100 } };
    expect(costOfTask(price, {}, 2, { inputTokens: 1000, outputTokens: 2000 })).toEqual({
      paidSubmissions: 2,
      amount: 1.21,
      currency: 'EUR',
    });
    expect(costOfTask(price, {}, 1, { inputTokens: 0, outputTokens: 0 })).toMatchObject({ amount: 1 });
    expect(costOfTask(price, {}, 0, { outputTokens: 2000 })).toMatchObject({ amount: 0 });
    expect(costOfTask(undefined, {}, 1)).toEqual({ paidSubmissions: 1 });
  });

  it('sums currencies apart', () => {
    const costs = [
      { amount: 0.1, currency: 'CNY' },
      { amount: 0.2, currency: 'CNY' },
      { amount: 1, currency: 'USD' },
      {},
    ];
    expect(sumAmounts(costs)).toEqual([
      { currency: 'CNY', amount: 0.3 },
      { currency: 'USD', amount: 1 },
    ]);
  });
});
