/** TokenHub: a bearer key, status codes, snake case. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readImageHeader } from '../src/base/image-header.ts';
import type { HunyuanEmulator } from '../src/index.ts';
import { ManualClock, startHunyuanEmulator } from '../src/index.ts';

let clock: ManualClock;
let emulator: HunyuanEmulator;
beforeEach(async () => {
  clock = new ManualClock();
  emulator = await startHunyuanEmulator({ clock, jobMs: 1000 });
});
afterEach(async () => {
  expect(emulator.ledger.internalErrors).toEqual([]);
  await emulator.close();
});

interface Answer {
  status: number;
  body: Record<string, unknown> & {
    error?: Record<string, unknown>;
    data?: { url: string; revised_prompt?: string }[];
  };
}

async function call(
  route: 'submit' | 'query',
  fields: object | string,
  key = emulator.credentials.apiKey,
): Promise<Answer> {
  const response = await fetch(`${emulator.url}/v1/api/image/${route}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: typeof fields === 'string' ? fields : JSON.stringify({ model: 'hy-image-v3.0', ...fields }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

describe('TokenHub', () => {
  it('takes a job and shows it queued, running and completed', async () => {
    const submitted = await call('submit', { prompt: '猫', resolution: '1280:720', revise: 0, seed: 3, logo_add: 0 });
    expect(submitted).toMatchObject({ status: 200, body: { status: 'queued', request_id: expect.any(String) } });
    const { id } = submitted.body;
    expect((await call('query', { id })).body).toMatchObject({ id, status: 'queued', data: [] });
    clock.advance(500);
    expect((await call('query', { id })).body['status']).toBe('running');
    clock.advance(500);
    const { body } = await call('query', { id });
    expect(body).toMatchObject({ status: 'completed', data: [{ revised_prompt: '猫' }] });
    const file = new Uint8Array(await (await fetch(body.data?.[0]?.url ?? '')).arrayBuffer());
    expect(readImageHeader(file)).toEqual({ format: 'png', width: 1280, height: 720 });
    expect(emulator.ledger).toMatchObject({ submissions: 1, accepted: 1, polls: 3, delivered: 1 });
  });

  it('answers errors by status', async () => {
    expect(await call('submit', { prompt: '猫' }, 'sk-wrong')).toMatchObject({
      status: 401,
      body: { error: { type: 'authentication_error', code: '401002', source: 'gateway' } },
    });
    const invalid = { status: 400, body: { error: { type: 'invalid_request_error' } } };
    for (const fields of [
      {},
      { prompt: '猫', Seed: 3 },
      { prompt: '猫', seed: '3' },
      { prompt: '猫', model: 'other' },
      '{',
    ])
      expect(await call('submit', fields)).toMatchObject(invalid);
    expect(await call('query', { id: 'none' })).toMatchObject(invalid);
    expect(await call('submit', { prompt: '违禁' })).toMatchObject({
      status: 451,
      body: { error: { type: 'content_filter_error', code: '451001' } },
    });
    await call('submit', { prompt: '猫' });
    expect(await call('submit', { prompt: '猫' })).toMatchObject({
      status: 429,
      body: { error: { type: 'rate_limit_error', code: '429001' } },
    });
    expect(emulator.ledger).toMatchObject({ accepted: 1, submissions: 9, refusals: 8 });
  });

  it('shares the slots of the account with Image 3.0, and strikes with the same faults', async () => {
    emulator.setFaults([
      {
        operation: 'submit',
        script: [{ kind: 'refuse', code: 'ResourceUnavailable.InArrears' }, { kind: 'fail-job' }],
      },
      { kind: 'reset-before-accept', operation: 'submit', match: 'cup' },
    ]);
    expect((await call('submit', { prompt: '猫' })).status).toBe(402);
    const { id } = (await call('submit', { prompt: '猫', revise: 0 })).body;
    clock.advance(1000);
    expect((await call('query', { id })).body).toMatchObject({
      status: 'failed',
      data: [],
      error: { code: 'FailedOperation.ServerError' },
    });
    await expect(call('submit', { prompt: 'a cup' })).rejects.toThrow('fetch failed');
    emulator.setFaults([{ kind: 'lose-job', operation: 'query' }]);
    expect((await call('query', { id })).status).toBe(400);
  });

  it('limits rates and ends', async () => {
    emulator.set({ submitRate: 1, limit: 9 });
    expect((await call('submit', { prompt: '猫' })).status).toBe(200);
    expect((await call('submit', { prompt: '猫' })).status).toBe(429);
    emulator.set({ submitRate: 'off', retired: ['tokenhub'] });
    expect((await call('submit', { prompt: '猫' })).body.error?.['message']).toContain('offline');
  });
});
