import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RecordingProxy } from '../../../test/conformance/support/recording-proxy.ts';
import { createHybridClientFromEnv, readManifest } from '../src/index.ts';
import { objects, scene } from './support/hybrid.ts';
import { closing, outputFolder } from './support/output-folder.ts';
import { hunyuan, tiny } from './support/services.ts';

let proxy: RecordingProxy;
let environment: Readonly<Record<string, string>>;
beforeEach(async () => {
  const emulator = await hunyuan(tiny);
  proxy = await RecordingProxy.start(emulator.url);
  environment = {
    HUNYUAN_API: 'hy-image-3.5',
    HUNYUAN_API_KEY: emulator.credentials.apiKey,
    HUNYUAN_ENDPOINT: proxy.url,
  };
});
afterEach(() => proxy.close());

interface Part {
  readonly text?: string;
  readonly image_url?: { readonly url: string };
}

/** What each submission said, in order. */
function turns(): readonly (readonly Part[])[] {
  return proxy.exchanges
    .filter(({ path }) => path.endsWith('/v35-generation'))
    .map(({ body }) => JSON.parse(body.toString()) as { messages: { content: Part[] }[] })
    .map(({ messages }) => messages[0]?.content ?? []);
}

it('draws a scene and its cards: each card is sent the scene, and the manifest has the price of each size', async () => {
  const outputDir = await outputFolder();
  const hybrid = closing(createHybridClientFromEnv({ environment, outputDir, cards: false, report: false }));
  // Above 2048x2048 a picture costs more.
  const reference = await hybrid.generateSceneReference({ ...scene, size: '2064x2048' });
  expect(reference).toMatchObject({ success: true, backend: 'hunyuan', cost: { amount: 0.2, currency: 'CNY' } });
  for (const card of await hybrid.generateObjectCards({ sessionId: 's', objects })) {
    expect(card).toMatchObject({ success: true, cost: { amount: 0.15, currency: 'CNY' } });
  }

  const [first, ...cards] = turns();
  expect(first).toHaveLength(1);
  expect(cards).toHaveLength(2);
  const manifest = await readManifest(join(outputDir, 's'));
  const bytes = await readFile(join(outputDir, 's', manifest.assets[0]?.path ?? ''));
  const picture = `data:image/png;base64,${bytes.toString('base64')}`;
  for (const [name, image] of cards) {
    expect(name?.text).toBe('Image 1 (reference for the look):');
    expect(image?.image_url?.url).toBe(picture);
  }

  expect(manifest).toMatchObject({
    model: 'hy-image-v3.5-preview',
    fingerprint: 'hunyuan/tokenhub/hy-image-v3.5-preview',
    cost: { paidSubmissions: 3, amounts: [{ currency: 'CNY', amount: expect.closeTo(0.5, 10) as number }] },
  });
});
