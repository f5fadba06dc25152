import { APICallError } from '@ai-sdk/provider';
import type { ImageModelV4 } from '@ai-sdk/provider';
import { generateImage } from 'ai';
import { createHunyuanClient } from '@holodeck/hunyuan';
import { createOpenAIClient } from '@holodeck/openai';
import { startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import type { HunyuanEmulator, OpenAIEmulator } from '@holodeck/emulators';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, expectTypeOf, test } from 'vitest';

import { holodeckImageModel } from '../src/index.ts';

let hunyuan: HunyuanEmulator;
let openai: OpenAIEmulator;
let folder: string;
beforeAll(async () => {
  hunyuan = await startHunyuanEmulator({ jobMs: 10 });
  openai = await startOpenAIEmulator({ imageMs: 0 });
});
afterAll(() => Promise.all([hunyuan.close(), openai.close()]));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holodeck-ai-sdk-'));
});
afterEach(async () => {
  hunyuan.setFaults([]);
  openai.setFaults([]);
  await rm(folder, { recursive: true, force: true });
});

const hunyuanClient = (outputDir = folder) =>
  createHunyuanClient({ ...hunyuan.credentials, endpoint: hunyuan.url, outputDir });
const openaiClient = () =>
  createOpenAIClient({ apiKey: openai.apiKey, baseURL: `${openai.url}/v1`, outputDir: folder });

test('is an image model by the types of the exact provider version', () => {
  expectTypeOf(holodeckImageModel).returns.toExtend<ImageModelV4>();
});

test('generateImage makes an image on Hunyuan, and says what it knows of it', async () => {
  const client = hunyuanClient();
  const result = await generateImage({ model: holodeckImageModel(client), prompt: '一盏红灯笼', seed: 7 });
  expect(result.image.mediaType).toBe('image/png');
  expect(result.providerMetadata['holodeck']).toMatchObject({
    images: [{ seed: 7, source: 'generated', paidAttempts: 1 }],
  });
  await client.close();
});

test('generateImage makes several on OpenAI, with a reference and an aspect ratio', async () => {
  const client = openaiClient();
  const before = openai.ledger.submissions;
  const { image } = await generateImage({ model: holodeckImageModel(client), prompt: 'a chair' });
  const { images, warnings } = await generateImage({
    model: holodeckImageModel(client),
    prompt: { text: 'a table', images: [image.uint8Array] },
    n: 2,
    aspectRatio: '3:2',
  });
  expect(images).toHaveLength(2);
  expect(warnings).toEqual([expect.objectContaining({ type: 'compatibility', feature: 'aspectRatio' })]);
  expect(openai.ledger.submissions - before).toBe(2);
  await client.close();
});

test('equal calls at the same time make images of their own; a repeat brings the first ones without paying', async () => {
  const client = openaiClient();
  const model = holodeckImageModel(client);
  const before = openai.ledger.accepted;
  const make = () => generateImage({ model, prompt: 'a lamp' });
  await Promise.all([make(), make()]);
  expect(openai.ledger.accepted - before).toBe(2);
  const again = await make();
  expect(openai.ledger.accepted - before).toBe(2);
  expect(again.providerMetadata['holodeck']).toMatchObject({ images: [{ source: 'resumed' }] });
  await client.close();
});

test('what a call had paid for when it was cut off comes with the next one, in another client', async () => {
  const before = hunyuan.ledger.accepted;
  const client = hunyuanClient();
  hunyuan.setFaults([{ kind: 'stall', operation: 'query', delayMs: 300, times: 1 }]);
  const controller = new AbortController();
  const cut = generateImage({ model: holodeckImageModel(client), prompt: '汤锅', abortSignal: controller.signal });
  await expect.poll(() => hunyuan.ledger.accepted, { timeout: 120_000 }).toBe(before + 1);
  controller.abort();
  await expect(cut).rejects.toThrow();
  await client.close();
  const next = hunyuanClient();
  const { image } = await generateImage({ model: holodeckImageModel(next), prompt: '汤锅' });
  expect(image.uint8Array.byteLength).toBeGreaterThan(100);
  expect(hunyuan.ledger.accepted).toBe(before + 1);
  await next.close();
});

test('an error that may have been paid for is not retried by the SDK, and says where the money stands', async () => {
  const client = openaiClient();
  openai.setFaults([{ kind: 'reset-after-accept', operation: 'generate' }]);
  const before = openai.ledger.submissions;
  const error: unknown = await generateImage({ model: holodeckImageModel(client), prompt: 'a bowl' }).catch(
    (thrown: unknown) => thrown,
  );
  expect(APICallError.isInstance(error) && error).toMatchObject({ isRetryable: false, data: { outcome: 'unknown' } });
  expect(openai.ledger.submissions - before).toBe(1);
  await client.close();
});
