import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createComfyUIBackend } from '@holodeck/comfyui';
import type { ComfyUIEmulator, ComfyUIModels } from '@holodeck/emulators';
import { describe, expect, it } from 'vitest';
import { createHybridClientFromEnv, readManifest } from '../src/index.ts';
import type { HybridClient } from '../src/index.ts';
import { kleinFiles, serversByCardModel } from './support/comfyui-files.ts';
import { closing, outputFolder } from './support/output-folder.ts';
import { comfyui, comfyuiEnvironment } from './support/services.ts';

const scene = { sessionId: 's', sceneText: 'a small noodle bar on a rainy night', style: 'gouache', size: '128x128' };
const lamp = { id: 'lamp', name: 'lamp', description: 'a brass desk lamp', size: '128x128' };
const chair = { id: 'chair', name: 'chair', description: 'a wooden chair', size: '128x128' };

interface Place {
  readonly server: ComfyUIEmulator;
  readonly outputDir: string;
}

async function place(models: Partial<ComfyUIModels>): Promise<Place> {
  return { server: await comfyui({ jobMs: 0, models }), outputDir: await outputFolder() };
}

/** A new process, as it were. */
function start(
  { server, outputDir }: Place,
  environment: Readonly<Record<string, string>> = {},
  report: boolean = false,
): HybridClient {
  return closing(
    createHybridClientFromEnv({
      environment: { ...comfyuiEnvironment(server), ...environment },
      outputDir,
      client: { maxAttempts: 1, timeoutMs: 60_000 },
      probeTimeoutMs: 60_000,
      cards: false,
      report,
    }),
  );
}

type Graph = Record<string, { readonly class_type: string; readonly inputs: Record<string, unknown> }>;

/** The graph of a job that has run. */
async function graphOf(server: ComfyUIEmulator, jobId: string | undefined): Promise<Graph> {
  const history = (await (await fetch(`${server.url}/history/${jobId}`)).json()) as Record<
    string,
    { readonly prompt: readonly [number, string, Graph] }
  >;
  return history[jobId!]!.prompt[2];
}

/** The nodes that a node depends on. */
function behind(graph: Graph, id: string): string[] {
  const links = Object.values(graph[id]!.inputs).filter((value) => Array.isArray(value));
  return [id, ...links.flatMap(([source]) => behind(graph, String(source)))];
}

describe('the cards of a session get the look of its scene', () => {
  it.each(Object.entries(serversByCardModel))('from %s', async (_, { files, environment }) => {
    const here = await place(files);
    const client = start(here, environment);
    const reference = await client.generateSceneReference(scene);
    const card = await client.generateObjectCard({ sessionId: 's', object: { ...lamp, size: '128x96' } });
    expect([reference, card]).toMatchObject([
      { success: true, look: 'none' },
      { success: true, look: 'reference', width: 128, height: 96 },
    ]);
    const [drawn, made] = (await readManifest(join(here.outputDir, 's'))).assets;
    expect(made).toMatchObject({ look: 'reference', referenceSha256: drawn?.sha256, model: drawn?.model });

    const graph = await graphOf(here.server, made?.jobId ?? undefined);
    const sampler = Object.values(graph).find(({ inputs }) => 'latent_image' in inputs)!;
    const [latent] = sampler.inputs['latent_image'] as [string];
    expect(graph[latent]!.class_type).toMatch(/^Empty/);
    const loaders = behind(graph, '9').filter((id) => graph[id]!.class_type === 'LoadImage');
    const names = new Set(loaders.map((id) => String(graph[id]!.inputs['image'])));
    const [name = ''] = names;
    const [subfolder = '', filename = ''] = name.includes('/') ? name.split('/') : ['', name];
    const sent = await fetch(`${here.server.url}/view?type=input&subfolder=${subfolder}&filename=${filename}`);
    const picture = await readFile(reference.success ? reference.path : '');
    expect(names.size).toBe(1);
    expect(Buffer.from(await sent.arrayBuffer()).equals(picture)).toBe(true);
  });

  it('in words where no model follows a reference, with what to do', async () => {
    const here = await place({ checkpoints: ['dreamshaper_8.safetensors'] });
    const client = start(here, {}, true);
    await client.generateSceneReference(scene);
    const card = await client.generateObjectCard({ sessionId: 's', object: lamp });
    expect(card).toMatchObject({ success: true, look: 'words' });
    expect(card.warnings.map(({ code }) => code)).toContain('reference-not-sent');
    const { assets, cost } = await readManifest(join(here.outputDir, 's'));
    const [, made] = assets;
    // What is free has no currency: neither in the manifest's sum nor on the page.
    expect(cost.amounts).toEqual([]);
    const page = await readFile(join(here.outputDir, 's', 'session.html'), 'utf8');
    expect(page).toContain('dreamshaper_8');
    expect(page).not.toMatch(/CNY|USD|¥|US\$/);
    expect(made).toMatchObject({ look: 'words', referenceSha256: null });
    expect(made?.prompt).toMatch(
      /gouache.*a small noodle bar on a rainy night\. Main colours of the scene: (?:\w+(?: \w+)?(?:, |\.))+ Use the same/,
    );
    const chinese = await client.generateObjectCard({
      sessionId: 's',
      object: { id: '面碗', name: '面碗', description: '青花大碗', size: '128x128' },
    });
    expect(chinese.success && chinese.prompt).toMatch(/场景的主要颜色：[\p{Script=Han}、]+色。画风/u);
    const [report] = await client.availability();
    expect(report?.doesNotProve.join(' ')).toMatch(/diffusion_models\/flux-2-klein-4b-fp8.*qwen_3_4b.*flux2-vae/);
  });

  it('on a transparent ground where the server can cut out', async () => {
    const here = await place({ ...kleinFiles, background_removal: ['birefnet.safetensors'] });
    const client = start(here);
    await client.generateSceneReference(scene);
    const card = await client.generateObjectCard({ sessionId: 's', object: lamp });
    // The model draws on a plain ground; what is behind the object is taken away afterwards.
    expect(card.success && card.prompt).toContain('Plain background');
    const graph = await graphOf(here.server, card.success ? card.jobId : undefined);
    expect(graph).toMatchObject({
      '52': { class_type: 'InvertMask', inputs: { mask: ['51', 0] } },
      '53': { class_type: 'JoinImageWithAlpha', inputs: { image: ['8', 0], alpha: ['52', 0] } },
      '9': { inputs: { images: ['53', 0] } },
      '54': { class_type: 'SaveImage', inputs: { images: ['8', 0] } },
    });
    const png = await readFile(card.success ? card.path : '');
    // Colour type 6: red, green, blue, alpha.
    expect(png[25]).toBe(6);
  });
});

describe('a session keeps the models that it was drawn with', () => {
  const first = { checkpoints: ['dreamshaper_8.safetensors'] };

  it('although the server would choose others now, and another one was renamed or removed', async () => {
    const here = await place(first);
    const reference = await start(here).generateSceneReference(scene);
    const { model, fingerprint } = reference.success ? reference : {};
    expect(model).toBe('dreamshaper_8');
    expect(fingerprint).toContain('checkpoints/dreamshaper_8.safetensors');
    const { model: lockedModel } = await readManifest(join(here.outputDir, 's'));
    expect(lockedModel).toBe('dreamshaper_8');

    const later: readonly (readonly [typeof lamp, Partial<ComfyUIModels>])[] = [
      [lamp, { ...kleinFiles, checkpoints: ['a_xl.safetensors', ...first.checkpoints] }],
      [chair, { checkpoints: ['b_xl.safetensors', ...first.checkpoints] }],
      [{ ...lamp, id: 'lamp-2' }, first],
    ];
    for (const [object, models] of later) {
      here.server.set({ models });
      const card = await start(here).generateObjectCard({ sessionId: 's', object });
      expect(card).toMatchObject({ success: true, model, fingerprint, look: 'words' });
      const graph = await graphOf(here.server, card.success ? card.jobId : undefined);
      expect(graph['4']!.inputs).toEqual({ ckpt_name: 'dreamshaper_8.safetensors' });
    }
  });

  it('and says lock-mismatch when they are gone, also in a process that has used them; back again, it goes on', async () => {
    const here = await place(first);
    const client = start(here);
    await client.generateSceneReference(scene);
    expect(await client.generateObjectCard({ sessionId: 's', object: chair })).toMatchObject({ success: true });
    here.server.set({ models: { checkpoints: ['renamed_8.safetensors'] } });
    for (const one of [client, start(here)]) {
      const card = await one.generateObjectCard({ sessionId: 's', object: lamp });
      expect(card).toMatchObject({ success: false, error: { kind: 'session', code: 'lock-mismatch' } });
      expect(card.success ? '' : card.error.message).toMatch(/no longer has dreamshaper_8\.safetensors.*relock/);
    }
    here.server.set({ models: first });
    expect(await client.generateObjectCard({ sessionId: 's', object: lamp })).toMatchObject({ success: true });
  });

  it('and tells another file of the same name by the hash in its header', async () => {
    const here = await place(first);
    const hash = (digit: string): void =>
      here.server.set({ modelHashes: { 'dreamshaper_8.safetensors': `0x${digit.repeat(64)}` } });
    hash('a');
    await start(here).generateSceneReference(scene);
    hash('b');
    const card = await start(here).generateObjectCard({ sessionId: 's', object: lamp });
    expect(card).toMatchObject({ success: false, error: { code: 'lock-mismatch' } });
  });

  it('and goes on where an earlier version has locked it without naming them', async () => {
    const here = await place(first);
    const before = start(here);
    await before.generateSceneReference(scene);
    await before.close();
    const file = join(here.outputDir, 's', 'manifest.json');
    const manifest = await readManifest(file);
    const { fingerprint, model } = createComfyUIBackend({ url: here.server.url });
    expect(fingerprint).toMatch(/^builtin-1:/);
    await writeFile(file, JSON.stringify({ ...manifest, fingerprint, model }));
    await rm(join(here.outputDir, '.holodeck'), { recursive: true });

    here.server.set({ models: { ...kleinFiles, ...first } });
    const later = start(here);
    expect(await later.generateSceneReference(scene)).toMatchObject({ success: true, source: 'resumed' });
    const card = await later.generateObjectCard({ sessionId: 's', object: lamp });
    expect(card).toMatchObject({ success: true, look: 'words', model: 'auto', fingerprint });
    const graph = await graphOf(here.server, card.success ? card.jobId : undefined);
    expect(graph['4']!.inputs).toEqual({ ckpt_name: 'dreamshaper_8.safetensors' });
  });
});
