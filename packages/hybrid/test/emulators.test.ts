import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectImage } from '@holodeck/core/backend';
import { describe, expect, it } from 'vitest';
import { createHybridClientFromEnv, readManifest } from '../src/index.ts';
import type { HybridClient, HybridEnvironmentOptions } from '../src/index.ts';
import { objects, scene } from './support/hybrid.ts';
import { closing, outputFolder } from './support/output-folder.ts';
import {
  comfyui,
  comfyuiEnvironment,
  hunyuan,
  hunyuanEnvironment,
  openai,
  openaiEnvironment,
  tiny,
} from './support/services.ts';

const client = { maxAttempts: 1, retryBaseMs: 1, retryMaxMs: 20, timeoutMs: 20_000 } as const;

async function fromEnv(
  environment: Readonly<Record<string, string>>,
  options: Omit<HybridEnvironmentOptions, 'environment'> = {},
): Promise<HybridClient> {
  return closing(
    createHybridClientFromEnv({
      environment,
      outputDir: await outputFolder(),
      client,
      probeTimeoutMs: 60_000,
      cards: false,
      report: false,
      ...options,
    }),
  );
}

async function allServices() {
  const [cloud, images, graphs] = await Promise.all([hunyuan(tiny), openai(tiny), comfyui()]);
  const environment = { ...hunyuanEnvironment(cloud), ...openaiEnvironment(images), ...comfyuiEnvironment(graphs) };
  return { cloud, images, graphs, environment };
}

describe('from the environment', () => {
  it('the order is Hunyuan, OpenAI, ComfyUI, and HOLODECK_BACKENDS changes it', async () => {
    const { environment } = await allServices();
    const names = async (variables: Record<string, string>): Promise<string[]> =>
      (await (await fromEnv({ ...environment, ...variables })).availability()).map(
        (report) => `${report.backend} ${report.status}`,
      );
    expect(await names({})).toEqual(['hunyuan ready', 'openai ready', 'comfyui ready']);
    expect(await names({ HOLODECK_BACKENDS: 'comfyui, Hunyuan' })).toEqual(['comfyui ready', 'hunyuan ready']);
    expect(() => createHybridClientFromEnv({ environment: { HOLODECK_BACKENDS: 'midjourney' } })).toThrow(
      /"midjourney"/,
    );
  });

  it.each(['hunyuan', 'openai', 'comfyui'])('%s makes a scene and its cards, and nothing twice', async (name) => {
    const { environment, cloud, images, graphs } = await allServices();
    const outputDir = await outputFolder();
    const run = async (): Promise<unknown[]> => {
      const hybrid = await fromEnv({ ...environment, HOLODECK_BACKENDS: name }, { outputDir });
      const reference = await hybrid.generateSceneReference({ ...scene, style: '水彩' });
      const cards = await hybrid.generateObjectCards({ sessionId: 's', objects });
      return [reference, ...cards].map((result) => (result.success ? result.source : result.error.message));
    };
    expect(await run()).toEqual(['generated', 'generated', 'generated']);
    expect(await run()).toEqual(['resumed', 'resumed', 'resumed']);
    const accepted = { hunyuan: cloud, openai: images, comfyui: graphs };
    expect(Object.entries(accepted).map(([service, { ledger }]) => [service, ledger.snapshot().accepted])).toEqual(
      Object.keys(accepted).map((service) => [service, service === name ? 3 : 0]),
    );
    const manifest = await readManifest(join(outputDir, 's'));
    expect(new Set(manifest.assets.map(({ backend }) => backend))).toEqual(new Set([name]));
  });

  it('resume asks ComfyUI for a submission of unknown outcome, and sends nothing', async () => {
    const graphs = await comfyui({ jobMs: 0 });
    graphs.setFaults([
      { kind: 'reset-after-accept', operation: 'submit', nth: 1 },
      ...['history', 'jobs', 'queue'].map((operation) => ({ kind: 'reset-before-accept' as const, operation })),
    ]);
    const outputDir = await outputFolder();
    const first = await fromEnv(comfyuiEnvironment(graphs), { outputDir });
    expect(await first.generateSceneReference(scene)).toMatchObject({ success: false, error: { outcome: 'unknown' } });
    await first.close();
    graphs.setFaults([]);
    const second = await fromEnv(comfyuiEnvironment(graphs), { outputDir });
    expect(await Array.fromAsync(second.resume('s'))).toMatchObject([{ success: true, assetId: 'scene-reference' }]);
    expect(graphs.ledger).toMatchObject({ submissions: 1, accepted: 1 });
  });

  it('placeholders count as unset; half a key pair is reported, and the next backend is used', async () => {
    const images = await openai();
    const placeholders = await fromEnv({
      HUNYUAN_SECRET_ID: 'your_secret_id',
      HUNYUAN_SECRET_KEY: 'your_secret_key',
      ...openaiEnvironment(images),
    });
    expect((await placeholders.availability()).map(({ backend }) => backend)).toEqual(['openai']);
    const half = await fromEnv({ HUNYUAN_SECRET_ID: 'AKIDREALLOOKING1234', ...openaiEnvironment(images) });
    const [broken, ready] = await half.availability();
    expect(broken).toMatchObject({ backend: 'hunyuan', status: 'down', errorKind: 'auth' });
    expect(broken?.message).toContain('HUNYUAN_SECRET_KEY');
    expect(ready).toMatchObject({ backend: 'openai', status: 'ready' });
    expect(await half.generateSceneReference(scene)).toMatchObject({ success: true, backend: 'openai' });
  });

  it('an account without the preview of transparent grounds gets its cards cut out', async () => {
    const images = await openai();
    images.set({ transparentPreview: false });
    const outputDir = await outputFolder();
    const environment = { ...openaiEnvironment(images), OPENAI_IMAGE_MODEL: 'gpt-image-2' };
    const hybrid = await fromEnv(environment, { outputDir, cards: {} });
    const [card] = await hybrid.generateObjectCards({ sessionId: 's', withoutReference: true, objects });
    expect(card).toMatchObject({ success: true, attempts: 1, gate: { status: 'passed' } });
    const { hasAlpha } = inspectImage(await readFile(join(outputDir, 's', 'cards', `${objects[0]!.id}.png`))) ?? {};
    expect(hasAlpha).toBe(true);
  });

  it('without any service it says what to set', async () => {
    const hybrid = await fromEnv({});
    expect(await hybrid.availability()).toEqual([]);
    const result = await hybrid.generateSceneReference(scene);
    expect(result).toMatchObject({ success: false, error: { code: 'no-backend-available', outcome: 'not-submitted' } });
    expect(result.success ? '' : result.error.message).toMatch(/HUNYUAN_SECRET_ID.*OPENAI_API_KEY.*COMFYUI_URL/);
  });
});

describe('under a locked session', () => {
  it.each([
    ['openai', { OPENAI_IMAGE_MODEL: 'gpt-image-1' }],
    ['openai', { OPENAI_IMAGE_MODEL: 'gpt-image-1.5' }],
    ['hunyuan', { HUNYUAN_API: '2023-09-01' }],
    ['hunyuan', { HUNYUAN_API: 'hy-image-3.5', HUNYUAN_API_KEY: 'sk-emulator-tokenhub-key' }],
  ])('a changed model or API of %s is refused', async (name, change) => {
    const { environment, cloud, images } = await allServices();
    const outputDir = await outputFolder();
    const chosen = { ...environment, HOLODECK_BACKENDS: name };
    expect(await (await fromEnv(chosen, { outputDir })).generateSceneReference(scene)).toMatchObject({ success: true });
    const paid = cloud.ledger.snapshot().accepted + images.ledger.snapshot().accepted;
    const changed = await fromEnv({ ...chosen, ...change }, { outputDir });
    const [card] = await changed.generateObjectCards({ sessionId: 's', objects });
    expect(card).toMatchObject({ success: false, error: { outcome: 'not-submitted', code: 'lock-mismatch' } });
    expect(cloud.ledger.snapshot().accepted + images.ledger.snapshot().accepted).toBe(paid);
    const manifest = await readManifest(join(outputDir, 's'));
    expect(manifest).toMatchObject({ backend: name, state: 'locked' });
  });
});

describe('a service that stops during a session', () => {
  const policies = ['fail', 'restart'] as const;
  it.each(policies)('%s', async (onLockedBackendDown) => {
    const { environment, cloud, images } = await allServices();
    const outputDir = await outputFolder();
    const hybrid = await fromEnv(environment, { outputDir, onLockedBackendDown });
    await hybrid.generateSceneReference(scene);
    await cloud.close();
    const cards = await hybrid.generateObjectCards({ sessionId: 's', objects });
    const manifest = await readManifest(join(outputDir, 's'));
    if (onLockedBackendDown === 'fail') {
      expect(cards.map((card) => !card.success && [card.error.kind, card.error.outcome])).toEqual([
        ['unavailable', 'not-submitted'],
        ['unavailable', 'not-submitted'],
      ]);
      expect(manifest).toMatchObject({ backend: 'hunyuan', epoch: 1 });
      expect(images.ledger.snapshot().submissions).toBe(0);
    } else {
      expect(cards.map(({ success, backend }) => [success, backend])).toEqual([
        [true, 'openai'],
        [true, 'openai'],
      ]);
      expect(manifest).toMatchObject({ backend: 'openai', epoch: 2 });
      expect(manifest.assets.map(({ state, backend }) => [state, backend])).toEqual([
        ['current', 'openai'],
        ['current', 'openai'],
        ['current', 'openai'],
      ]);
    }
  });

  it('refusals for lack of money move a new session to the next backend', async () => {
    const { environment, cloud } = await allServices();
    cloud.setFaults([{ kind: 'refuse', code: 'ResourceInsufficient', operation: 'submit' }]);
    const hybrid = await fromEnv(environment);
    const result = await hybrid.generateSceneReference(scene);
    expect(result).toMatchObject({ success: true, backend: 'openai', epoch: 2 });
    expect((await hybrid.session('s').lock).reason).toContain('hunyuan could not be used (quota)');
  });

  it('a lost answer does not move the session', async () => {
    const { environment, cloud, images } = await allServices();
    cloud.setFaults([{ kind: 'reset-after-accept', operation: 'submit', nth: 1 }]);
    cloud.set({ limit: 2 });
    // The job of unknown outcome may hold one place.
    const hybrid = await fromEnv({ ...environment, HUNYUAN_MAX_CONCURRENT: '2' });
    const result = await hybrid.generateSceneReference(scene);
    expect(result).toMatchObject({ success: false, error: { outcome: 'unknown' } });
    const [card] = await hybrid.generateObjectCards({ sessionId: 's', withoutReference: true, objects });
    expect(card).toMatchObject({ success: true, backend: 'hunyuan' });
    expect(images.ledger.snapshot().submissions).toBe(0);
  });
});
