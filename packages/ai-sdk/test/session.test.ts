import { createOpenAI } from '@ai-sdk/openai';
import { APICallError } from '@ai-sdk/provider';
import type { ImageModelV4 } from '@ai-sdk/provider';
import { createHybridClient } from '@holodeck/hybrid';
import type { HybridClient } from '@holodeck/hybrid';
import { loadRegistry } from '@holodeck/hybrid/registry';
import { ImageClient } from '@holodeck/core';
import { paintPng, startOpenAIEmulator } from '@holodeck/emulators';
import { createOpenAIBackend } from '@holodeck/openai';
import { generateImage } from 'ai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createAiSdkBackend, holodeckImageModel } from '../src/index.ts';

let folder: string;
let hybrid: HybridClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holodeck-ai-sdk-'));
  const nowhere = createOpenAIBackend({ apiKey: 'sk-of-a-test', baseURL: 'http://127.0.0.1:2/v1' });
  hybrid = createHybridClient({ backends: [nowhere], outputDir: join(folder, 'unused') });
});
afterAll(async () => {
  await hybrid.close();
  await rm(folder, { recursive: true, force: true });
});

test('a session locks to the model, and its cards get the scene reference', async () => {
  const emulator = await startOpenAIEmulator({ imageMs: 0 });
  const provider = createOpenAI({ apiKey: emulator.apiKey, baseURL: `${emulator.url}/v1` });
  const backend = createAiSdkBackend({
    model: provider.image('gpt-image-2'),
    capabilities: { references: { roles: ['style'], maxCount: 4, mediaTypes: ['image/png'] } },
  });
  const client = createHybridClient({ backends: [backend], outputDir: folder });
  const scene = await client.generateSceneReference({ sessionId: 'bar', sceneText: 'a noodle bar on a rainy night' });
  expect(scene).toMatchObject({ success: true });
  const [card] = await client.generateObjectCards({
    sessionId: 'bar',
    objects: [{ id: 'stool', name: 'stool', description: 'wooden' }],
  });
  expect(card).toMatchObject({
    success: true,
    backend: 'aisdk-openai-image',
    model: 'gpt-image-2',
    look: 'reference',
  });
  expect(emulator.requests.at(-1)).toMatchObject({
    path: expect.stringContaining('/images/edits'),
    pictures: [{ type: 'image/png' }],
  });
  await client.close();
  await emulator.close();
});

test('a model that takes no reference makes cards from words, and says so', async () => {
  const emulator = await startOpenAIEmulator({ imageMs: 0 });
  const provider = createOpenAI({ apiKey: emulator.apiKey, baseURL: `${emulator.url}/v1` });
  const backend = createAiSdkBackend({ model: provider.image('gpt-image-2') });
  const client = createHybridClient({ backends: [backend], outputDir: folder });
  await client.generateSceneReference({ sessionId: 'words', sceneText: 'a noodle bar on a rainy night' });
  const [card] = await client.generateObjectCards({ sessionId: 'words', objects: [{ id: 'stool', name: 'stool' }] });
  expect(card).toMatchObject({ success: true, look: 'words', warnings: [{ feature: 'references' }] });
  expect(emulator.requests.every(({ path }) => path.endsWith('/images/generations') || path.includes('/models'))).toBe(
    true,
  );
  await client.close();
  await emulator.close();
});

test('generateImage makes images within a session: under its lock, with its reference, and paid once', async () => {
  const emulator = await startOpenAIEmulator({ imageMs: 0 });
  const backends = [createOpenAIBackend({ apiKey: emulator.apiKey, baseURL: `${emulator.url}/v1` })];
  const client = createHybridClient({ backends, outputDir: folder });
  await client.generateSceneReference({ sessionId: 'hall', sceneText: 'a hall of mirrors' });
  const model = holodeckImageModel(client.session('hall'));
  expect(model).toMatchObject({ provider: 'holodeck.hybrid', modelId: 'hall', maxImagesPerCall: 1 });
  const first = await generateImage({ model, prompt: 'the wallpaper', seed: 5 });
  const about = { sessionId: 'hall', look: 'reference', backend: 'openai' };
  expect(first.providerMetadata['holodeck']).toMatchObject({ images: [{ ...about, source: 'generated' }] });
  expect(emulator.requests.at(-1)).toMatchObject({ path: expect.stringContaining('/images/edits') });
  const paid = emulator.ledger.accepted;

  // The same call, through the client and the name of the session.
  const named = { model: holodeckImageModel(client), providerOptions: { holodeck: { session: 'hall' } } };
  const again = await generateImage({ ...named, prompt: 'the wallpaper', seed: 5 });
  expect(again.providerMetadata['holodeck']).toMatchObject({ images: [{ ...about, source: 'resumed' }] });
  expect(again.image.base64).toBe(first.image.base64);
  expect(emulator.ledger.accepted).toBe(paid);

  // A file of the call is one more reference, and several images are several assets.
  const more = await generateImage({ model, prompt: { text: 'a frame', images: [first.image.uint8Array] }, n: 2 });
  expect(more.images).toHaveLength(2);
  expect(emulator.requests.at(-1)?.pictures).toHaveLength(2);
  expect(emulator.ledger.accepted).toBe(paid + 2);
  await client.close();
  await emulator.close();
});

test.each([
  ['a hybrid client without a session', () => holodeckImageModel(hybrid), {}, /Name the session/],
  ['another session', () => holodeckImageModel(hybrid.session('hall')), { session: 'bar' }, /hall, not to bar/],
  ['a scope within a session', () => holodeckImageModel(hybrid.session('hall')), { scope: 'x' }, /no other scope/],
  ['an id that is none', () => holodeckImageModel(hybrid), { session: '../x' }, /session id/i],
])('refuses %s before anything is sent', async (_name, model, holodeck, message) => {
  const error: unknown = await generateImage({
    model: model(),
    prompt: 'x',
    providerOptions: { holodeck },
  }).catch((thrown: unknown) => thrown);
  expect(APICallError.isInstance(error) && error).toMatchObject({
    message: expect.stringMatching(message) as string,
    isRetryable: false,
    data: { outcome: 'not-submitted' },
  });
});

test('what the provider says of each image is kept, without secrets, signed addresses and pictures', async () => {
  const picture = paintPng({ width: 64, height: 64, prompt: 'x', seed: 1 });
  const model: ImageModelV4 = {
    specificationVersion: 'v4',
    provider: 'acme.image',
    modelId: 'postcard-1',
    maxImagesPerCall: 1,
    doGenerate: async () => ({
      images: [Uint8Array.from(picture)],
      warnings: [],
      providerMetadata: {
        odd: null as never,
        acme: {
          images: [
            {
              revisedPrompt: 'a brass lamp, lit',
              seed: 11,
              cost: 2,
              url: 'https://cdn.example/lamp.png?signature=0a1b2c',
              page: 'https://cdn.example/lamps',
              copy: 'iVBORw0KGgo'.repeat(200),
            },
          ],
          timings: { inferenceMs: 812, queue: ['a', 'b'] },
          outputTokens: 7,
          apiKey: 'sk-acme-not-a-real-one',
        },
        broken: { images: [{ count: 1n }] } as never,
      },
      response: { timestamp: new Date(), modelId: 'postcard-1', headers: undefined },
    }),
  };
  const client = new ImageClient(createAiSdkBackend({ model }), { outputDir: join(folder, 'details') });
  const result = await client.generate({ prompt: 'a lamp' });
  const lamp = { revisedPrompt: 'a brass lamp, lit', seed: 11 };
  const known = {
    cost: 2,
    page: 'https://cdn.example/lamps',
    timings: { inferenceMs: 812, queue: ['a', 'b'] },
    outputTokens: 7,
  };
  expect(result).toMatchObject({ success: true, images: [lamp] });
  expect(result.success && result.images[0].providerMetadata).toEqual({ acme: known });
  await client.close();
  const other = new ImageClient(createAiSdkBackend({ model }), { outputDir: join(folder, 'details') });
  const again = await other.generate({ prompt: 'a lamp' });
  expect(again).toMatchObject({
    success: true,
    source: 'resumed',
    images: [{ ...lamp, providerMetadata: { acme: known } }],
  });
  await other.close();
});

test('an entry of HOLODECK_BACKENDS names a model', async () => {
  const module = join(folder, 'acme.mjs');
  const model = `{ specificationVersion: 'v4', provider: 'acme.image', modelId: id, maxImagesPerCall: 1, doGenerate() {} }`;
  await writeFile(module, `export const acme = { image: (id) => (${model}) };`);
  const registry = await loadRegistry({ HOLODECK_BACKENDS: `hunyuan,aisdk:${module}#acme:postcard-1` });
  expect(registry.problems).toEqual([]);
  expect(registry.selected.map(({ name }) => name)).toEqual(['hunyuan', 'aisdk-postcard-1']);
  const setup = await registry.selected[1]?.configure({});
  expect(await setup?.create()).toMatchObject({ name: 'aisdk-postcard-1', model: 'postcard-1' });
});

test.each(['aisdk:./nowhere.mjs#acme:one', 'aisdk:./acme.mjs'])(
  'an entry that leads nowhere is said: %s',
  async (entry) => {
    const registry = await loadRegistry({ HOLODECK_BACKENDS: entry });
    const [problem] = registry.problems;
    if (problem !== undefined) expect(problem.error.message).toContain('aisdk:');
    else
      await expect(
        Promise.resolve(registry.selected[0]?.configure({})).then((setup) => setup?.create()),
      ).rejects.toThrow(/nowhere/);
  },
);
