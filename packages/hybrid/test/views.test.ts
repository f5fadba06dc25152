import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStoreForFolder } from '@holodeck/core/stores';
import type { LedgerSnapshot } from '@holodeck/emulators';
import { describe, expect, it } from 'vitest';
import { createHybridClientFromEnv, readManifest } from '../src/index.ts';
import type { CardView, HybridClient } from '../src/index.ts';
import { kleinFiles } from './support/comfyui-files.ts';
import { forkWorker } from './support/fork-worker.ts';
import { closing, outputFolder } from './support/output-folder.ts';
import {
  comfyui,
  comfyuiEnvironment,
  hunyuan,
  hunyuanEnvironment,
  openai,
  openaiEnvironment,
} from './support/services.ts';

const views: readonly CardView[] = ['front', 'left', 'back', 'right'];
const scene = { sessionId: 's', sceneText: 'a small noodle bar on a rainy night', views };
const object = { id: 'lamp', name: 'lamp', description: 'a brass desk lamp' };

/** Large enough for the gate of cards, and quickly measured. */
const outputSize = { width: 512, height: 512 };

interface Service {
  readonly environment: Readonly<Record<string, string>>;
  readonly ledger: { snapshot(): LedgerSnapshot };
}

const services: Readonly<Record<string, () => Promise<Service>>> = {
  hunyuan: async () => {
    const service = await hunyuan({ outputSize });
    return { environment: hunyuanEnvironment(service), ledger: service.ledger };
  },
  openai: async () => {
    const service = await openai({ outputSize });
    return { environment: openaiEnvironment(service), ledger: service.ledger };
  },
  comfyui: async () => {
    const service = await comfyui({ jobMs: 0, models: kleinFiles });
    return { environment: comfyuiEnvironment(service), ledger: service.ledger };
  },
};

function start({ environment }: Pick<Service, 'environment'>, outputDir: string): HybridClient {
  const client = { maxAttempts: 1, timeoutMs: 300_000 };
  const options = { client, cards: { side: 512 }, probeTimeoutMs: 60_000 };
  return closing(createHybridClientFromEnv({ environment, outputDir, ...options }));
}

async function sha256Of(...path: string[]): Promise<string> {
  return createHash('sha256')
    .update(await readFile(join(...path)))
    .digest('hex');
}

describe('views of an object', () => {
  it.each(Object.keys(services))('from %s follow the front card and the scene reference', async (name) => {
    const service = await services[name]!();
    const outputDir = await outputFolder();
    const client = start(service, outputDir);
    expect(await client.generateSceneReference(scene)).toMatchObject({ success: true });
    const cards = await client.generateObjectCards({ sessionId: 's', objects: [object], views });
    expect(cards.map(({ view, assetId, success }) => [view, assetId, success])).toEqual([
      ['front', 'card/lamp', true],
      ['left', 'card/lamp/left', true],
      ['back', 'card/lamp/back', true],
      ['right', 'card/lamp/right', true],
    ]);
    expect(cards.map((card) => card.success && card.gate?.status)).toEqual(cards.map(() => 'passed'));

    const folder = join(outputDir, 's');
    const reference = await sha256Of(folder, 'scene-ref.png');
    const front = await sha256Of(folder, 'cards', 'lamp.original.png');
    const { entries } = service.ledger.snapshot();
    expect(entries.map(({ references }) => references)).toEqual([
      undefined,
      [reference],
      [front, reference],
      [front, reference],
      [front, reference],
    ]);
    expect(entries[2]?.prompt).toMatch(
      /A single isolated object: lamp.*The first reference picture shows it from the front/,
    );

    const manifest = await readManifest(folder);
    expect(manifest.views).toEqual([
      {
        objectId: 'lamp',
        pictures: {
          front: 'cards/lamp.png',
          left: 'views/lamp/left.png',
          back: 'views/lamp/back.png',
          right: 'views/lamp/right.png',
        },
        mirror: expect.any(Number),
      },
    ]);
    const made = manifest.assets.filter(({ view }) => view !== undefined);
    expect(made).toHaveLength(3);
    for (const asset of made) {
      expect(asset).toMatchObject({ frontSha256: front, referenceSha256: reference, look: 'reference' });
      expect(await sha256Of(folder, asset.path ?? '')).toBe(asset.sha256);
    }
    const html = await readFile(join(folder, 'session.html'), 'utf8');
    expect(html).toContain('<h2>lamp, right</h2>');
    expect(html).toMatch(/\d+ % of its outline is that of the left view/);

    const again = await start(service, outputDir).generateObjectCards({ sessionId: 's', objects: [object], views });
    expect(again.map((card) => card.success && card.source)).toEqual(again.map(() => 'resumed'));
    expect(service.ledger.snapshot().submissions).toBe(5);
  });

  it('survive kills: every view is there at the end, and none is paid twice', async () => {
    const cloud = await hunyuan({ outputSize, jobMs: 20 });
    const environment = { ...hunyuanEnvironment(cloud), HUNYUAN_MAX_CONCURRENT: '1' };
    const outputDir = await outputFolder();
    const options = {
      outputDir,
      client: { maxAttempts: 1, timeoutMs: 300_000 },
      cards: { side: 512 },
      report: false,
      probeTimeoutMs: 60_000,
    };
    const order = { ...scene, objects: [object], options };
    for (const [moment, aim] of [
      ['accepted', 2],
      ['polls', 6],
      ['delivered', 4],
    ] as const) {
      const worker = forkWorker(environment, order);
      const ended = worker.report.then(() => true);
      while (
        cloud.ledger.snapshot()[moment] < aim &&
        !(await Promise.race([ended, new Promise<false>((resolve) => setImmediate(resolve, false))]))
      );
      worker.child.kill('SIGKILL');
      await worker.report;
    }
    const client = closing(createHybridClientFromEnv({ environment, ...options }));
    const unknown: string[] = [];
    for await (const result of client.resume('s')) if (!result.success) unknown.push(result.assetId);
    await client.close();
    const store = await openStoreForFolder(outputDir);
    for await (const row of store.tasks.list({ states: ['unknown'] })) unknown.push(row.taskId);
    await store.close();
    const resubmit = { ...options, client: { ...options.client, resubmitUnknown: true } };
    const last = await forkWorker(environment, { ...order, options: resubmit }).report;
    expect(last?.results.map(({ success, error }) => (success ? 'there' : error))).toEqual(Array(5).fill('there'));
    const { entries } = cloud.ledger.snapshot();
    const perPrompt = new Map<string, number>();
    for (const { promptHash } of entries) perPrompt.set(promptHash, (perPrompt.get(promptHash) ?? 0) + 1);
    const twice = [...perPrompt.values()].filter((count) => count > 1).length;
    // Only a submission of unknown outcome may have been sent again, and only because this test allowed it.
    expect(twice).toBeLessThanOrEqual(unknown.length);
    expect(perPrompt.size).toBe(5);
    expect((await readManifest(join(outputDir, 's'))).views?.[0]?.pictures).toMatchObject({
      right: 'views/lamp/right.png',
    });
  });

  it('a server without an edit model is refused before anything is made', async () => {
    const service = await comfyui({ jobMs: 0, models: { checkpoints: ['dreamshaper_8.safetensors'] } });
    const client = start({ environment: comfyuiEnvironment(service) }, await outputFolder());
    const refused = { success: false, error: { kind: 'unsupported', outcome: 'not-submitted' } };
    const reference = await client.generateSceneReference(scene);
    expect(reference).toMatchObject(refused);
    expect(!reference.success && reference.error.message).toMatch(/cannot make views.*takes 0.*Nothing was sent/);
    const cards = await client.generateObjectCards({
      sessionId: 's',
      objects: [object],
      views,
      withoutReference: true,
    });
    expect(cards).toHaveLength(4);
    expect(cards[0]).toMatchObject(refused);
    expect(service.ledger.snapshot().submissions).toBe(0);
  });
});
