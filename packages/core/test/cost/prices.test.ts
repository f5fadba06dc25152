import { describe, expect, it } from 'vitest';
import { defaultPrices } from '../../src/index.ts';
import { shareOf, worstCase } from '../../src/cost/cost.ts';
import { costOfTask, equalPrices, estimateSubmission, findPrice, priceListAge, sumAmounts } from '../../src/backend.ts';

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

  it.each([
    ['1024x1024', [0.0059, 0.0527, 0.2107]],
    ['1536x1024', [0.0047, 0.0412, 0.1646]],
    ['1024x1536', [0.0047, 0.0412, 0.1646]],
    ['2048x2048', [0.0119, 0.107, 0.4282]],
    ['3840x2160', [0.0111, 0.1001, 0.4003]],
  ])('counts the tokens of GPT Image 2 at %s: landscape costs less than square', (text, amounts) => {
    const [width = 0, height = 0] = text.split('x').map(Number);
    const size = { width, height };
    const price = defaultPrices['openai/gpt-image-2']!;
    const cost = ['low', 'medium', 'high'].map((quality) => worstCase(price, { size, providerOptions: { quality } }));
    for (const [index, amount] of amounts.entries()) expect(cost[index]).toBeCloseTo(amount, 4);
  });

  it('counts GPT Image 2.5 and 2.6 by their own qualities, and the highest one where none is chosen', () => {
    for (const model of ['2.5-flare', '2.5-sunburst-2026-09-08', '2.6-flare', '2.6-sunburst']) {
      const price = findPrice('openai', `gpt-image-${model}`)!;
      const cost = ['low', 'medium', 'high', 'xhigh', 'max', 'auto'].map((quality) =>
        estimateSubmission(price, { providerOptions: { quality } }),
      );
      expect(cost).toEqual([0.00588, 0.01317, 0.05268, 0.09366, 0.21072, 0.21072]);
    }
  });

  it('estimates what references and previews cost, at half the price in a batch', () => {
    const price = defaultPrices['openai/gpt-image-2']!;
    const request = { providerOptions: { quality: 'low', partialImages: 2 }, references: [{}, {}] };
    const whole = 0.00588 + (2 * 6600 * 8 + 200 * 30) / 1e6;
    expect(estimateSubmission(price, request)).toBeCloseTo(whole, 6);
    expect(estimateSubmission(shareOf(price, 0.5), request)).toBeCloseTo(whole / 2, 5);
    expect(worstCase(shareOf(price, 0.5), request)).toBeCloseTo(whole / 2, 5);
  });

  it('names a higher quality at the same price', () => {
    expect(equalPrices('openai', 'gpt-image-2')).toEqual([
      { quality: 'medium', model: 'gpt-image-2.5-flare', highQuality: 'high' },
      { quality: 'high', model: 'gpt-image-2.5-flare', highQuality: 'max' },
    ]);
    for (const model of ['gpt-image-2.5-flare', 'gpt-image-2.6-sunburst', 'gpt-image-1.5', 'sd-turbo'])
      expect(equalPrices('openai', model)).toEqual([]);
  });

  it('is old 90 days after the newest of its dates', () => {
    const dated = (asOf: string) => ({ [asOf]: { ...own, asOf } });
    const list = { ...dated('2026-05'), ...dated('2026-11'), ...dated('2026-06-30') };
    const end = Date.UTC(2026, 11, 1);
    const day = 24 * 3600 * 1000;
    expect(priceListAge(end + 90 * day, list)).toEqual({ asOf: '2026-11', isOld: false });
    expect(priceListAge(end + 90 * day + 1, list)).toEqual({ asOf: '2026-11', isOld: true });
    expect(priceListAge(Date.UTC(2026, 6, 1) + 90 * day + 1, dated('2026-06-30')).isOld).toBe(true);
    expect(priceListAge(Date.UTC(2030, 0)).isOld).toBe(true);
  });

  it('reserves what previews cost, which OpenAI charges as output', () => {
    const price = defaultPrices['openai/gpt-image-2']!;
    const low = { providerOptions: { quality: 'low' } };
    const three = { providerOptions: { quality: 'low', partialImages: 3 } };
    expect(worstCase(price, three) - worstCase(price, low)).toBeCloseTo((300 * 30) / 1e6, 6);
    expect(worstCase({ ...price, maxTokens: { perReference: 1 } }, three)).toBe(0.00588);
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
