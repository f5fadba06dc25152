import { startComfyUIEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBackend, failure, generate, imageRequest, pngSize, reference, startJob } from './support/harness.ts';
import { plainGraph, standardGraph } from './support/graphs.ts';
import type { ComfyUIOptions } from '@holodeck/comfyui';
import type { ImageBackend } from '@holodeck/core';
import type { ComfyUIEmulator } from '@holodeck/emulators';

let emulator: ComfyUIEmulator;
const backends: ImageBackend[] = [];

beforeEach(async () => {
  emulator = await startComfyUIEmulator({ jobMs: 0 });
});

afterEach(async () => {
  await Promise.all(backends.splice(0).map((backend) => backend.close()));
  expect(emulator.ledger.internalErrors).toEqual([]);
  await emulator.close();
});

function backendWith(options: ComfyUIOptions = {}): ImageBackend {
  const backend = createBackend({ url: emulator.url, ...options });
  backends.push(backend);
  return backend;
}

/** The graph that the server really ran. */
async function graphOf(
  jobId: string,
): Promise<Record<string, { class_type: string; inputs: Record<string, unknown> }>> {
  const history = (await (await fetch(`${emulator.url}/history/${jobId}`)).json()) as Record<
    string,
    { prompt: [number, string, never] }
  >;
  return history[jobId]!.prompt[2];
}

describe('the built-in graphs', () => {
  it('draw from a text with everything that was requested', async () => {
    const backend = backendWith();
    const done = await generate(backend, {
      prompt: '雨夜的面馆',
      negativePrompt: 'blurry',
      seed: 42,
      size: { width: 128, height: 64 },
      count: 2,
    });
    expect(done.result.images).toEqual([
      { index: 0, seed: 42 },
      { index: 1, seed: 42 },
    ]);
    expect([...done.images.values()].map(pngSize)).toEqual([
      [128, 64],
      [128, 64],
    ]);
    expect(done.images.get(0)).not.toEqual(done.images.get(1));
    expect(done.ended.count).toBe(1);
    expect(done.handle).toMatchObject({
      version: 1,
      backend: 'comfyui',
      jobId: done.context.key,
      key: done.context.key,
      data: { seed: 42, prefixes: [done.context.key] },
    });
    expect(await graphOf(done.handle.jobId)).toMatchObject({
      '3': { inputs: { seed: 42 } },
      '5': { inputs: { width: 128, height: 64, batch_size: 2 } },
      '6': { inputs: { text: '雨夜的面馆' } },
      '7': { inputs: { text: 'blurry' } },
      '9': { inputs: { filename_prefix: done.context.key } },
    });
    expect(emulator.ledger).toMatchObject({ submissions: 1, accepted: 1 });
  });

  it('choose a seed if none is given, and report it', async () => {
    const backend = backendWith();
    const first = await generate(backend);
    const second = await generate(backend);
    expect(first.result.images[0]?.seed).toBeTypeOf('number');
    expect(first.result.images[0]?.seed).not.toBe(second.result.images[0]?.seed);
    expect((await graphOf(first.handle.jobId))['3']?.inputs['seed']).toBe(first.result.images[0]?.seed);
  });

  it('start from an uploaded picture that is named by its hash, any number of times', async () => {
    const backend = backendWith();
    const picture = (await generate(backend)).images.get(0)!;
    const references = [reference(picture, 'ab'.repeat(32))];
    const done = await generate(backend, { references, count: 3, size: { width: 64, height: 128 } });
    await generate(backend, { references });
    expect([...done.images.values()].map(pngSize)).toEqual([
      [64, 128],
      [64, 128],
      [64, 128],
    ]);
    const graph = await graphOf(done.handle.jobId);
    expect(graph['11']?.inputs['image']).toBe(`holodeck/${'ab'.repeat(16)}.png`);
    expect(graph['14']?.inputs['amount']).toBe(3);
    expect(graph['3']?.inputs['denoise']).toBe(0.65);
  });

  it('choose among several checkpoints, and say so on each result', async () => {
    emulator.set({
      models: { checkpoints: ['a-refiner.safetensors', 'dreamshaper_8.safetensors', 'dreamshaper_xl.safetensors'] },
    });
    const done = await generate(backendWith());
    expect(done.handle.data).toMatchObject({ checkpoint: 'dreamshaper_xl.safetensors' });
    expect(done.result.warnings?.[0]).toMatchObject({
      feature: 'checkpoint',
      message: expect.stringContaining('COMFYUI_CHECKPOINT'),
    });
  });

  it('explain before anything is queued that there is no model, or not the named one', async () => {
    emulator.set({ models: {} });
    const backend = backendWith();
    expect(await failure(generate(backend))).toMatchObject({
      kind: 'unavailable',
      outcome: 'not-submitted',
      retryable: false,
      message: expect.stringContaining('flux-2-klein-4b-fp8.safetensors'),
    });
    emulator.set({ models: { checkpoints: ['real.safetensors'] } });
    const named = backendWith({ checkpoint: 'missing.safetensors' });
    expect(await failure(generate(named))).toMatchObject({
      kind: 'invalid-request',
      outcome: 'not-submitted',
      message: expect.stringContaining('the server has: real.safetensors'),
    });
    expect(emulator.ledger.submissions).toBe(0);
    expect((await generate(backend)).images.size).toBe(1);
  });

  it('use Flux and Qwen-Image loaders', async () => {
    emulator.set({
      models: {
        diffusion_models: ['flux1-dev.safetensors'],
        text_encoders: ['clip_l.safetensors', 't5xxl_fp16.safetensors'],
        vae: ['ae.safetensors'],
      },
    });
    const flux = await generate(backendWith(), { negativePrompt: 'blur' });
    expect(flux.images.size).toBe(1);
    expect(flux.result.warnings).toMatchObject([{ code: 'unsupported-option', feature: 'negativePrompt' }]);
    emulator.set({
      models: {
        diffusion_models: ['qwen_image.safetensors'],
        text_encoders: ['qwen_2.5_vl_7b.safetensors'],
        vae: ['qwen_image_vae.safetensors'],
      },
    });
    const qwen = await generate(backendWith(), { negativePrompt: 'blur' });
    expect(qwen.result.warnings).toEqual([]);
    expect((await graphOf(qwen.handle.jobId))['15']).toMatchObject({ class_type: 'CLIPLoader' });
  });
});

describe("the user's own workflow", () => {
  it('is filled by its binding and never changed', async () => {
    const workflow = standardGraph();
    const before = structuredClone(workflow);
    const backend = backendWith({ workflow });
    const done = await generate(backend, {
      prompt: 'x',
      seed: 9,
      providerOptions: { inputs: { '3.steps': 3, 'KSampler.cfg': 5 }, front: true },
    });
    expect(workflow).toEqual(before);
    expect(await graphOf(done.handle.jobId)).toMatchObject({
      '3': { inputs: { seed: 9, steps: 3, cfg: 5 } },
      '7': { inputs: { text: 'text, watermark' } },
    });
  });

  it('refuses job options for unknown inputs', () => {
    const { validate } = backendWith({ workflow: standardGraph() }).capabilities;
    const request = { prompt: 'x', size: { width: 64, height: 64 }, references: [], count: 1 };
    expect(
      validate?.({ ...request, providerOptions: { inputs: { '99.steps': 1 }, steps: 3, front: 'yes' } }),
    ).toMatchObject([
      { message: expect.stringContaining('no option providerOptions.comfyui.steps') },
      { message: expect.stringContaining('front must be true or false') },
      { message: expect.stringContaining('no node "99"') },
    ]);
    expect(validate?.({ ...request, providerOptions: { inputs: { '3.steps': 1 }, front: true } })).toEqual([]);
  });

  it('without an input for the prompt says so, and warns if the size is its own', async () => {
    const done = await generate(backendWith({ workflow: plainGraph(), binding: { width: [], height: [] } }));
    expect(done.result.warnings).toMatchObject([
      { feature: 'prompt' },
      { code: 'size-differs', message: expect.stringContaining('512x512') },
    ]);
    expect(pngSize(done.images.get(0))).toEqual([512, 512]);
  });

  it('with two outputs yields both, in order, and never its previews', async () => {
    const workflow = standardGraph();
    workflow['12'] = { class_type: 'SaveImage', inputs: { images: ['13', 0], filename_prefix: 'b' } };
    workflow['13'] = { class_type: 'ImageInvert', inputs: { image: ['8', 0] } };
    workflow['10'] = { class_type: 'PreviewImage', inputs: { images: ['8', 0] } };
    const done = await generate(backendWith({ workflow }), { count: 2 });
    expect(done.result.images.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    const reversed = await generate(backendWith({ workflow, binding: { outputs: ['12', '9'] } }), { seed: 1 });
    expect(reversed.result.images).toHaveLength(2);
    expect(await graphOf(reversed.handle.jobId)).toMatchObject({
      '12': { inputs: { filename_prefix: reversed.context.key } },
      '9': { inputs: { filename_prefix: `${reversed.context.key}-2` } },
    });
    const preview = await generate(backendWith({ workflow, binding: { outputs: '10' } }));
    expect(preview.result.images).toHaveLength(1);
  });

  it('that only previews fails with advice', async () => {
    const workflow = { ...plainGraph(), '2': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } } };
    expect(await failure(generate(backendWith({ workflow })))).toMatchObject({
      kind: 'job-failed',
      outcome: 'failed',
      message: expect.stringContaining('add a SaveImage node'),
    });
  });

  it('may send its images by socket', async () => {
    const workflow = { ...plainGraph(), '2': { class_type: 'SaveImageWebsocket', inputs: { images: ['1', 0] } } };
    const backend = backendWith({ workflow });
    const done = await generate(backend, { count: 3, size: { width: 16, height: 8 } });
    expect([...done.images.values()].map(pngSize)).toEqual([
      [16, 8],
      [16, 8],
      [16, 8],
    ]);
    expect(done.events.filter(({ type }) => type === 'preview')).toEqual([]);
    const again = startJob(backend);
    expect(await failure(backend.collect(done.handle, again.context))).toMatchObject({
      outcome: 'lost',
      message: expect.stringContaining('SaveImageWebsocket keeps no file'),
    });
  });

  it('may save into its own folders through job options', async () => {
    const done = await generate(backendWith({ workflow: plainGraph() }), {
      providerOptions: { inputs: { '2.filename_prefix': 'dir/sub/name_%width%' } },
    });
    expect(pngSize(done.images.get(0))).toEqual([64, 64]);
  });
});

describe('previews and progress', () => {
  it('arrive as previews, never as results, and progress never falls', async () => {
    emulator.set({ jobMs: 250 });
    const done = await generate(backendWith({ previewMethod: 'latent2rgb' }));
    const previews = done.events.filter((event) => event.type === 'preview');
    expect(previews.length).toBeGreaterThan(0);
    expect(
      previews.every(
        (event) => event.type === 'preview' && event.mediaType === 'image/jpeg' && event.bytes[0] === 0xff,
      ),
    ).toBe(true);
    expect(done.result.images).toHaveLength(1);
    expect(pngSize(done.images.get(0))).toEqual([64, 64]);
    const fractions = done.events.flatMap((event) =>
      event.type === 'running' && event.fraction !== undefined ? [event.fraction] : [],
    );
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBeGreaterThan(0.9);
  });

  it('leave out frames and events of other jobs', async () => {
    emulator.set({ jobMs: 150 });
    const backend = backendWith();
    const job = startJob(backend);
    // Without a client id its progress and pictures go to all clients.
    const body = { prompt: standardGraph(), extra_data: { preview_method: 'latent2rgb' } };
    emulator.set({ paused: true });
    await fetch(`${emulator.url}/prompt`, { method: 'POST', body: JSON.stringify(body) });
    const submitted = backend.submit(imageRequest(), job.context);
    const handle = await submitted;
    emulator.set({ paused: false });
    await backend.collect(handle, job.context);
    expect(emulator.ledger.entries.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
    expect(job.events.filter(({ type }) => type === 'preview')).toEqual([]);
  });
});
