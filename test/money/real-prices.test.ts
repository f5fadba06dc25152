import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createComfyUIClient } from '@holodeck/comfyui';
import { defaultPrices } from '@holodeck/core';
import type { ImageClient } from '@holodeck/core';
import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import { createHunyuanClient } from '@holodeck/hunyuan';
import { createOpenAIClient } from '@holodeck/openai';
import { afterEach, beforeEach, expect, it } from 'vitest';

// The built-in prices must be found under the backends' real names.
let outputDir: string;
const closing: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  outputDir = await mkdtemp(join(tmpdir(), 'holodeck-prices-'));
});

afterEach(async () => {
  for (const one of closing.splice(0).toReversed()) await one.close();
  await rm(outputDir, { recursive: true, force: true });
});

function kept<T extends { close(): Promise<void> }>(one: T): T {
  closing.push(one);
  return one;
}

it('Hunyuan: an image, in CNY', async () => {
  const emulator = kept(await startHunyuanEmulator({ jobMs: 20 }));
  const client = kept(
    createHunyuanClient({ ...emulator.credentials, endpoint: emulator.url, outputDir, maxCost: 0.3 }),
  );
  expect(await client.generate({ prompt: 'x' })).toMatchObject({
    success: true,
    cost: { paidSubmissions: 1, amount: 0.2, currency: 'CNY' },
  });
  expect(await client.generate({ prompt: 'y' })).toMatchObject({ success: false, error: { kind: 'budget' } });
  expect(emulator.ledger.snapshot()).toMatchObject({ submissions: 1, accepted: 1 });
});

async function openai(model?: string): Promise<ImageClient> {
  const emulator = kept(await startOpenAIEmulator());
  const chosen = model === undefined ? {} : { model };
  return kept(createOpenAIClient({ apiKey: emulator.apiKey, baseURL: emulator.baseURL, outputDir, ...chosen }));
}

it('OpenAI: estimated by quality, measured by the tokens of the answer, in USD', async () => {
  const client = await openai('gpt-image-2');
  const task = { prompt: 'x', providerOptions: { openai: { quality: 'low' } } };
  const price = defaultPrices['openai/gpt-image-2'] as NonNullable<(typeof defaultPrices)[string]>;
  expect(await client.plan(task)).toMatchObject({ cost: { amount: 0.00588, currency: 'USD' } });
  const result = await client.generate(task);
  const { inputTokens = 0, outputTokens = 0 } = result.usage ?? {};
  expect(outputTokens).toBeGreaterThan(0);
  const { input = 0, output = 0 } = price.perMillionTokens ?? {};
  expect(result.cost?.amount).toBeCloseTo((inputTokens * input + outputTokens * output) / 1e6, 6);
  expect(client.stats().spending.amounts).toEqual([{ amount: result.cost?.amount, currency: 'USD' }]);
});

it('the model that OpenAI clients have by default has a price', async () => {
  expect((await (await openai()).plan({ prompt: 'x' })).cost.amount).toBeGreaterThan(0);
});

it('ComfyUI: nothing, and no limit stops it', async () => {
  const emulator = kept(await startComfyUIEmulator());
  const client = kept(createComfyUIClient({ url: emulator.url, outputDir, maxCost: 0, maxSubmissions: 0 }));
  expect(await client.generate({ prompt: 'x' })).toMatchObject({ success: true, cost: { amount: 0 } });
});

it.each([
  { limit: 1, quality: undefined },
  { limit: 0.1, quality: 'low' },
  { limit: 1, quality: 'high' },
])('OpenAI: 40 tasks spend what $limit USD allows and never more, quality $quality', async ({ limit, quality }) => {
  const emulator = kept(await startOpenAIEmulator({ imageMs: 0 }));
  const client = kept(
    createOpenAIClient({ apiKey: emulator.apiKey, baseURL: emulator.baseURL, outputDir, maxCost: limit }),
  );
  const options = quality === undefined ? {} : { providerOptions: { openai: { quality } } };
  const tasks = Array.from({ length: 40 }, (_, index) => ({ prompt: `picture ${index}`, ...options }));
  const results = await client.generateBatch(tasks);
  const made = results.filter(({ success }) => success);
  const [spent] = client.stats().spending.amounts;
  console.info(`maxCost ${limit}, quality ${quality}: ${made.length} made, ${spent?.amount} USD`);
  const each = Math.max(...made.map(({ cost }) => cost?.amount ?? 0));
  expect(spent?.amount).toBeLessThanOrEqual(limit);
  // A task fails only if the most that it can cost no longer fits.
  const worst = quality === 'low' ? 0.009 : 0.2115;
  expect((spent?.amount ?? 0) + worst).toBeGreaterThan(limit);
  expect(each).toBeLessThanOrEqual(worst);
  expect(results.filter((one) => !one.success && one.error.kind !== 'budget')).toEqual([]);
});
