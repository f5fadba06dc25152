import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CostGate, ImageClient, ImageError } from '../../src/index.ts';
import type { GenerationResult, ImageClientOptions, PriceList } from '../../src/index.ts';
import type { BackendResult } from '../../src/backend.ts';
import { fault, refusal, ScriptedBackend } from '../support/scripted-backend.ts';
import type { ScriptedOptions } from '../support/scripted-backend.ts';

const prices: PriceList = { scripted: { perImage: 0.2, currency: 'CNY' } };
let outputDir: string;
const clients: ImageClient[] = [];

beforeEach(async () => {
  outputDir = await mkdtemp(join(tmpdir(), 'holodeck-cost-'));
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await rm(outputDir, { recursive: true, force: true });
});

function drive(backend: ScriptedBackend, options: ImageClientOptions = {}): ImageClient {
  const client = new ImageClient(backend, { outputDir, retryBaseMs: 1, retryMaxMs: 5, ...options });
  clients.push(client);
  return client;
}

function start(
  scripted: ScriptedOptions,
  options: ImageClientOptions,
): { backend: ScriptedBackend; client: ImageClient } {
  const backend = new ScriptedBackend(scripted);
  return { backend, client: drive(backend, { prices, ...options }) };
}

function budgetOf(result: GenerationResult): string {
  if (result.success || result.error.kind !== 'budget') throw new Error('The gate did not stop it.');
  expect(result.error.outcome).toBe('not-submitted');
  return result.error.message;
}

describe('the cost gate of a client', () => {
  it('lets exactly as many through as the limit pays for, however many come at once', async () => {
    const { backend, client } = start({ jobMs: 2 }, { maxCost: 1, maxConcurrent: 4 });
    const results = await client.generateBatch(
      Array.from({ length: 12 }, (_, seed) => ({ prompt: 'x', seed: seed + 1 })),
    );
    expect(results.filter(({ success }) => success)).toHaveLength(5);
    expect(backend.submissions).toBe(5);
    expect(budgetOf(results.find(({ success }) => !success) as GenerationResult)).toContain('1.2 CNY');
    expect(client.stats().spending).toEqual({
      submissions: 5,
      amounts: [{ currency: 'CNY', amount: 1 }],
      unpriced: 0,
    });
  });

  it('stops the second paid attempt of a job that failed', async () => {
    const failed = fault({ kind: 'job-failed', outcome: 'failed' });
    const { backend, client } = start({ collect: [failed] }, { maxCost: 0.3 });
    const result = await client.generate({ prompt: 'x' });
    expect(budgetOf(result)).toContain('0.4 CNY');
    expect(result).toMatchObject({ paidAttempts: 1, cost: { paidSubmissions: 1, amount: 0.2, currency: 'CNY' } });
    expect(backend.submissions).toBe(1);
  });

  it('gives back what was refused for free or never left, and counts a try again once', async () => {
    const scripted = { submit: [refusal(), fault({}), refusal('rate-limit'), 'take' as const] };
    const { backend, client } = start(scripted, { maxSubmissions: 1 });
    expect(await client.generate({ prompt: 'x' })).toMatchObject({ success: true });
    expect(backend.submissions).toBe(4);
    expect(client.stats().spending.submissions).toBe(1);
    const policy = fault({ kind: 'content-policy', outcome: 'rejected', retryable: false });
    const second = start({ submit: [policy] }, { maxSubmissions: 1 });
    expect(await second.client.generate({ prompt: 'y' })).toMatchObject({ success: false });
    expect(second.client.stats().spending.submissions).toBe(0);
    expect(await second.client.generate({ prompt: 'z' })).toMatchObject({ success: true });
  });

  it.each(['unknown', 'lost', 'failed'] as const)('keeps the cost of a submission that ended %s', async (outcome) => {
    const kind = outcome === 'failed' ? 'job-failed' : 'unavailable';
    const { client } = start(
      { submit: [fault({ kind, outcome, retryable: false })] },
      // What may be running holds its permit.
      { maxSubmissions: 1, maxConcurrent: 2 },
    );
    expect(await client.generate({ prompt: 'x' })).toMatchObject({ success: false, error: { outcome } });
    expect(client.stats().spending).toMatchObject({ submissions: 1, amounts: [{ currency: 'CNY', amount: 0.2 }] });
    budgetOf(await client.generate({ prompt: 'y' }));
  });

  it('counts every image of a submission', async () => {
    const { client, backend } = start({}, { maxCost: 0.5 });
    budgetOf(await client.generate({ prompt: 'x', count: 3 }));
    expect(backend.submissions).toBe(0);
    expect(await client.generate({ prompt: 'x', count: 2 })).toMatchObject({ cost: { amount: 0.4 } });
  });

  it('takes nothing for what is free, and needs a price for a limit', async () => {
    const free = start({ capabilities: { billable: false } }, { maxSubmissions: 0, maxCost: 0 });
    expect(await free.client.generate({ prompt: 'x' })).toMatchObject({ success: true });
    const unpriced = drive(new ScriptedBackend(), { maxCost: 9 });
    expect(budgetOf(await unpriced.generate({ prompt: 'y' }))).toContain('option prices');
    const unlimited = drive(new ScriptedBackend());
    const result = await unlimited.generate({ prompt: 'z' });
    expect(result.cost).toEqual({ paidSubmissions: 1 });
    expect(unlimited.stats().spending).toEqual({ submissions: 1, amounts: [], unpriced: 1 });
  });

  it('asks before beforeSubmit, and gives back what that refuses', async () => {
    const calls: string[] = [];
    const { client } = start(
      {},
      {
        maxSubmissions: 1,
        beforeSubmit: ({ taskId }) => {
          calls.push(taskId);
          if (taskId === 'no') throw new ImageError({ kind: 'budget', outcome: 'not-submitted', message: 'No.' });
        },
      },
    );
    await client.generate({ prompt: 'x', taskId: 'no' });
    expect(await client.generate({ prompt: 'x', taskId: 'yes' })).toMatchObject({ success: true });
    budgetOf(await client.generate({ prompt: 'x', taskId: 'third' }));
    expect(calls).toEqual(['no', 'yes']);
  });

  it('pays nothing for a task that is there already', async () => {
    const { client } = start({}, { maxSubmissions: 1 });
    await client.generate({ prompt: 'x', taskId: 'one' });
    const again = await client.generate({ prompt: 'x', taskId: 'one' });
    expect(again).toMatchObject({ success: true, source: 'resumed', cost: { paidSubmissions: 1, amount: 0.2 } });
    expect(client.stats().spending.submissions).toBe(1);
  });
});

class CountingBackend extends ScriptedBackend {
  override async collect(...args: Parameters<ScriptedBackend['collect']>): Promise<BackendResult> {
    return { ...(await super.collect(...args)), usage: { inputTokens: 100_000, outputTokens: 5000 } };
  }
}

it('measures by tokens where the provider counts them', async () => {
  const tokens: PriceList = {
    'scripted/model-1': { perImage: 0.5, currency: 'USD', perMillionTokens: { input: 1, output: 30 } },
  };
  const client = drive(new CountingBackend(), { prices: tokens, maxCost: 0.75 });
  const first = await client.generate({ prompt: 'x' });
  expect(first).toMatchObject({ success: true, cost: { amount: 0.25, currency: 'USD' } });
  // 0.25 was measured, so that another 0.5 has room.
  expect(await client.generate({ prompt: 'y' })).toMatchObject({ success: true });
  budgetOf(await client.generate({ prompt: 'z' }));
});

describe('a task without room while others are under way', () => {
  const tokens: PriceList = {
    'scripted/model-1': { perImage: 0.5, currency: 'USD', perMillionTokens: { input: 1, output: 30 } },
  };

  it('waits for what they really cost, and fails only when that leaves no room', async () => {
    const client = drive(new CountingBackend(), { prices: tokens, maxCost: 0.75, maxConcurrent: 3 });
    const waits: string[] = [];
    const results = await client.generateBatch(
      [1, 2, 3].map((seed) => ({ prompt: 'x', seed })),
      { onProgress: (event) => event.type === 'waiting' && waits.push(String(event.messageId)) },
    );
    expect(results.map(({ success }) => success)).toEqual([true, true, false]);
    expect(budgetOf(results[2] as GenerationResult)).toContain('1 USD');
    expect(client.stats().spending.amounts).toEqual([{ currency: 'USD', amount: 0.5 }]);
    expect(waits).toContain('core.budget-waits');
  });

  it('takes the place of one that was refused for free', async () => {
    const answer = Promise.withResolvers<void>();
    const policy = fault({ kind: 'content-policy', outcome: 'rejected', retryable: false });
    const { client, backend } = start(
      { submit: [() => answer.promise.then(() => Promise.reject(policy))] },
      { maxSubmissions: 1, maxConcurrent: 2 },
    );
    const refused = client.generate({ prompt: 'x' });
    const second = client.generate(
      { prompt: 'y' },
      { onProgress: (event) => event.type === 'waiting' && answer.resolve() },
    );
    expect(await refused).toMatchObject({ success: false, error: { kind: 'content-policy' } });
    expect(await second).toMatchObject({ success: true });
    expect(backend.submissions).toBe(2);
  });

  it('can be stopped', async () => {
    const controller = new AbortController();
    const { client } = start({ collect: ['never-ends'] }, { maxSubmissions: 1, maxConcurrent: 2 });
    void client.generate({ prompt: 'x' });
    const waiting = client.generate(
      { prompt: 'y' },
      { signal: controller.signal, onProgress: (event) => event.type === 'waiting' && controller.abort() },
    );
    expect(await waiting).toMatchObject({ success: false, error: { kind: 'aborted', outcome: 'not-submitted' } });
  });
});

describe('a gate for several clients', () => {
  class DollarBackend extends ScriptedBackend {
    override readonly name = 'dollar' as 'scripted';
  }
  const both: PriceList = { ...prices, dollar: { perImage: 0.1, currency: 'USD' } };

  it('never adds up currencies: a bare number is for one of them', async () => {
    const costGate = new CostGate({ prices: both, maxCost: 1 });
    expect(await drive(new ScriptedBackend(), { costGate }).generate({ prompt: 'x' })).toMatchObject({ success: true });
    const dollar = new DollarBackend();
    expect(budgetOf(await drive(dollar, { costGate }).generate({ prompt: 'y' }))).toContain('used in CNY');
    expect(dollar.submissions).toBe(0);
  });

  it('keeps a limit for each currency that is named, and allows no other', async () => {
    const costGate = new CostGate({ prices: both, maxCost: { CNY: 0.2, USD: 0.2 } });
    const yuan = drive(new ScriptedBackend(), { costGate });
    const dollar = drive(new DollarBackend(), { costGate });
    await yuan.generate({ prompt: 'x' });
    budgetOf(await yuan.generate({ prompt: 'y' }));
    expect(await dollar.generate({ prompt: 'z' })).toMatchObject({ success: true });
    expect(costGate.spending.amounts).toEqual([
      { currency: 'CNY', amount: 0.2 },
      { currency: 'USD', amount: 0.1 },
    ]);
    const only = new CostGate({ prices: both, maxCost: { USD: 5 } });
    expect(budgetOf(await drive(new ScriptedBackend(), { costGate: only }).generate({ prompt: 'last' }))).toContain(
      'an amount in CNY',
    );
  });

  it('does not mix with limits of the client', () => {
    const costGate = new CostGate();
    expect(() => new ImageClient(new ScriptedBackend(), { costGate, maxCost: 1 })).toThrow(/maxCost has no effect/);
  });
});

it.each([
  { maxCost: -1 },
  { maxCost: Number.NaN },
  { maxCost: {} },
  { maxCost: { yuan: 1 } },
  { maxCost: { CNY: -1 } },
  { maxCost: '2' as never },
  { maxSubmissions: 1.5 },
  { prices: { scripted: { perImage: -1, currency: 'CNY' } } },
  { prices: { scripted: { perImage: 1, currency: 'yuan' } } },
  { prices: { scripted: { perImage: 1, currency: 'CNY', perMillionTokens: { input: 1 } as never } } },
  { prices: { scripted: null as never } },
])('refuses %j before anything is sent', (limits) => {
  expect(() => new ImageClient(new ScriptedBackend(), limits)).toThrow(ImageError);
});
