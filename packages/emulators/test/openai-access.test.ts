import { describe, expect, it } from 'vitest';
import { call, clock, emulator, generate, useOpenAIEmulator } from './support/openai-caller.ts';

useOpenAIEmulator();

describe('access', () => {
  it('looks at keys, but not on unknown paths', async () => {
    for (const authorization of ['', 'Bearer wrong', emulator.apiKey]) {
      const { status, json } = await call('/models', { headers: { authorization } });
      expect([status, json.error.code]).toEqual([401, 'invalid_api_key']);
    }
    const variations = await call('/images/variations', { method: 'POST', headers: { authorization: '' } });
    expect([variations.status, variations.text, variations.headers.get('content-type')]).toEqual([404, '', null]);
    emulator.set({ variationsStatus: 410 });
    expect((await call('/images/variations', { method: 'POST' })).status).toBe(410);
    expect((await call('/chat/completions', { method: 'POST' })).status).toBe(404);
  });

  it('lists models and their shutdowns', async () => {
    const list = await call('/models');
    expect(list.json).toMatchObject({ object: 'list' });
    expect((await call('/models/gpt-image-1.5')).json).toMatchObject({ object: 'model', shutdown_date: '2099-06-30' });
    expect(await call('/models/none')).toMatchObject({ status: 404, json: { error: { code: 'model_not_found' } } });
    emulator.set({ mayListModels: false });
    expect((await call('/models/gpt-image-2')).status).toBe(403);
    emulator.set({ verified: false });
    expect((await generate({})).status).toBe(403);
  });

  it('limits images per minute, and says when there are more', async () => {
    emulator.set({ imagesPerMinute: 2 });
    const first = await generate({ n: 2 });
    expect(first.headers.get('x-ratelimit-remaining-images')).toBe('0');
    const second = await generate({});
    expect(second).toMatchObject({ status: 429, json: { error: { code: 'rate_limit_exceeded' } } });
    expect(second.headers.get('retry-after')).toBe('60');
    clock.advance(60_000);
    expect((await generate({})).status).toBe(200);
    expect(emulator.ledger.billed).toBe(3);
  });

  it('stops when the credit is used up', async () => {
    emulator.set({ credit: 1 });
    expect((await generate({})).status).toBe(200);
    const { status, json, headers } = await generate({});
    expect([status, json.error.code, json.error.type]).toEqual([429, 'credit_balance_exhausted', 'insufficient_quota']);
    expect(headers.get('retry-after')).toBeNull();
    emulator.set({ credit: 1e9 });
  });
});
