import { createOpenAI } from '@ai-sdk/openai';
import { createHybridClient } from '@holodeck/hybrid';
import { loadRegistry } from '@holodeck/hybrid/registry';
import { startOpenAIEmulator } from '@holodeck/emulators';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createAiSdkBackend } from '../src/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holodeck-ai-sdk-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

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
  expect(card).toMatchObject({ success: true, backend: 'aisdk-openai-image', model: 'gpt-image-2' });
  expect(emulator.requests.at(-1)).toMatchObject({
    path: expect.stringContaining('/images/edits'),
    pictures: [{ type: 'image/png' }],
  });
  await client.close();
  await emulator.close();
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
