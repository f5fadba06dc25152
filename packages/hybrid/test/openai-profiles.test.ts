import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createHybridClientFromEnv, readManifest } from '../src/index.ts';
import { objects, scene } from './support/hybrid.ts';
import { closing, outputFolder } from './support/output-folder.ts';
import { openai, openaiEnvironment, tiny } from './support/services.ts';

it.each([
  ['ark', 0.2, 'CNY'],
  ['xai', 0.02, 'USD'],
  ['together', undefined, undefined],
  ['siliconflow', undefined, undefined],
  ['openrouter', undefined, undefined],
  ['vllm-omni', undefined, undefined],
  ['sglang', undefined, undefined],
] as const)(
  'a session on the profile %s sends the scene reference with each card',
  async (profile, price, currency) => {
    const emulator = await openai({ ...tiny, server: profile, apiKey: 'sk-profile-key' });
    const outputDir = await outputFolder();
    const environment = { ...openaiEnvironment(emulator), OPENAI_PROFILE: profile };
    const options = { environment, outputDir, cards: false, report: false, probeTimeoutMs: 60_000 } as const;
    const hybrid = closing(createHybridClientFromEnv(options));
    expect(await hybrid.generateSceneReference(scene)).toMatchObject({ success: true, backend: 'openai' });
    for (const card of await hybrid.generateObjectCards({ sessionId: 's', objects })) {
      expect(card).toMatchObject({ success: true, look: 'reference' });
    }
    const { assets } = await readManifest(join(outputDir, 's'));
    const sha256 = createHash('sha256')
      .update(await readFile(join(outputDir, 's', assets[0]?.path ?? '')))
      .digest('hex');
    const sent = emulator.requests.filter(({ method }) => method === 'POST').map(({ pictures }) => pictures);
    expect(sent).toMatchObject([[], [{ sha256 }], [{ sha256 }]]);
    expect(assets.map(({ cost }) => [cost.amount, cost.currency])).toEqual([0, 1, 2].map(() => [price, currency]));
  },
);
