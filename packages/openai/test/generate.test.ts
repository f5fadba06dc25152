import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { paintPng, startOpenAIEmulator } from '@holodeck/emulators';
import type { OpenAIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOpenAIBackend } from '../src/index.ts';
import type { OpenAIBackend, OpenAIBackendOptions } from '../src/index.ts';
import { errorOf, inspected, reference, request, temporaryFolder, testContext } from './support.ts';

let emulator: OpenAIEmulator;
beforeAll(async () => {
  emulator = await startOpenAIEmulator({ imageMs: 0 });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

function backendOf(options: Partial<OpenAIBackendOptions> = {}): OpenAIBackend {
  return createOpenAIBackend({ apiKey: emulator.apiKey, baseURL: emulator.baseURL, ...options });
}

describe('generate', () => {
  it('stores the answer on disk, and collects its image any number of times', async () => {
    const backend = backendOf();
    const spoolDirectory = await temporaryFolder();
    const context = testContext(backend, { spoolDirectory });
    const handle = await backend.submit(request({ size: { width: 1536, height: 864 } }), context);
    expect(await readdir(spoolDirectory)).toEqual([`${context.key}.answer`]);
    expect(JSON.parse(JSON.stringify(handle))).toEqual(handle);
    expect(handle).toMatchObject({
      version: 1,
      backend: 'openai',
      key: context.key,
      jobId: expect.stringMatching(/^req_/),
    });
    const result = await backend.collect(handle, context);
    expect(inspected(context)).toMatchObject({ mediaType: 'image/png', width: 1536, height: 864, complete: true });
    expect(result.usage).toMatchObject({ outputTokens: 1078, totalTokens: expect.any(Number) });
    const other = testContext(backendOf(), { spoolDirectory });
    await backendOf().collect(JSON.parse(JSON.stringify(handle)), other);
    expect(inspected(other)?.sha256).toBe(inspected(context)?.sha256);
    expect(emulator.ledger).toMatchObject({ submissions: 1, accepted: 1, billed: 1 });
    await backend.close();
  });

  it('collects long answers side by side, each with its own picture', async () => {
    emulator.set({ imageBytes: 600_000 });
    const backend = backendOf();
    const spoolDirectory = await temporaryFolder();
    const jobs = await Promise.all(
      ['one', 'two', 'three', 'four', 'five', 'six'].map(async (prompt) => {
        const context = testContext(backend, { spoolDirectory });
        const handle = await backend.submit(request({ prompt }), context);
        const { data } = JSON.parse(await readFile(join(spoolDirectory, `${context.key}.answer`), 'utf8'));
        return { context, handle, sent: Buffer.from(data[0].b64_json, 'base64') };
      }),
    );
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(jobs.map(({ context, handle }) => backend.collect(handle, context)));
      for (const { context, sent } of jobs) {
        expect(inspected(context)).toMatchObject({
          complete: true,
          sha256: createHash('sha256').update(sent).digest('hex'),
        });
      }
    }
    expect(new Set(jobs.map(({ sent }) => sent.toString('base64'))).size).toBe(jobs.length);
    await backend.close();
  });

  it('keeps the answer in memory if there is no folder', async () => {
    const backend = backendOf();
    const context = testContext(backend);
    const handle = await backend.submit(request(), context);
    for (let round = 0; round < 2; round += 1) {
      await backend.collect(handle, context);
      expect(inspected(context)?.complete).toBe(true);
    }
    const elsewhere = await errorOf(backendOf().collect(handle, testContext(backend)));
    expect(elsewhere).toMatchObject({ kind: 'storage', outcome: 'lost' });
  });

  it('sends what was requested and nothing else', async () => {
    const backend = backendOf();
    await backend.submit(request(), testContext(backend));
    await backend.submit(
      request({
        count: 2,
        background: 'opaque',
        format: 'webp',
        providerOptions: {
          quality: 'low',
          moderation: 'low',
          compression: 40,
          safetyIdentifier: 'user-7',
          complexity: 'high',
        },
      }),
      testContext(backend),
    );
    expect(emulator.requests.map(({ parameters }) => parameters)).toEqual([
      { model: 'gpt-image-2', prompt: 'A noodle bar on a rainy night', size: '1024x1024' },
      {
        model: 'gpt-image-2',
        prompt: 'A noodle bar on a rainy night',
        n: 2,
        size: '1024x1024',
        quality: 'low',
        background: 'opaque',
        output_format: 'webp',
        output_compression: 40,
        moderation: 'low',
        safety_identifier: 'user-7',
        complexity: 'high',
      },
    ]);
    expect(emulator.requests[0]?.headers).toMatchObject({ 'x-stainless-retry-count': '0', accept: 'application/json' });
    expect(emulator.requests[0]?.headers['idempotency-key']).toBeUndefined();
  });

  it('returns several images in order, with the format and background that were asked for', async () => {
    const backend = backendOf();
    const formats = [
      { format: 'webp', background: 'transparent', mediaType: 'image/webp', hasAlpha: true },
      { format: 'png', background: 'transparent', mediaType: 'image/png', hasAlpha: true },
      { format: 'jpeg', background: 'opaque', mediaType: 'image/jpeg', hasAlpha: false },
    ] as const;
    for (const { format, background, mediaType, hasAlpha } of formats) {
      const context = testContext(backend);
      const handle = await backend.submit(request({ count: 3, format, background }), context);
      const result = await backend.collect(handle, context);
      expect(result.images).toEqual([{ index: 0 }, { index: 1 }, { index: 2 }]);
      for (const index of [0, 1, 2]) {
        expect(inspected(context, index)).toMatchObject({ mediaType, hasAlpha, complete: true, width: 1024 });
      }
    }
    expect(emulator.ledger.billed).toBe(9);
  });

  it('passes on the previews of a stream and keeps only the finished image', async () => {
    const backend = backendOf();
    const context = testContext(backend);
    const handle = await backend.submit(request({ providerOptions: { partialImages: 2 } }), context);
    expect(context.events.filter(({ type }) => type === 'preview')).toHaveLength(2);
    expect(context.events.find(({ type }) => type === 'preview')).toMatchObject({ mediaType: 'image/png' });
    const result = await backend.collect(handle, context);
    expect(result).toMatchObject({ images: [{ index: 0 }], usage: { outputTokens: 1956 } });
    expect(inspected(context)?.complete).toBe(true);
    expect(emulator.requests[0]).toMatchObject({
      parameters: { stream: true, partial_images: 2 },
      headers: { accept: 'text/event-stream' },
    });
  });

  it('reads plain JSON although it asked for a stream', async () => {
    emulator.setFaults([{ kind: 'json-instead-of-stream' }]);
    const backend = backendOf();
    const context = testContext(backend);
    const handle = await backend.submit(request({ providerOptions: { partialImages: 0 } }), context);
    await backend.collect(handle, context);
    expect(inspected(context)?.complete).toBe(true);
  });
});

describe('edit', () => {
  const paint = (seed: number, width = 64): Buffer =>
    paintPng({ width, height: 64, prompt: 'reference', seed, transparent: true });

  it('uploads references in order with types and names, and the mask', async () => {
    const backend = backendOf({ model: 'gpt-image-1.5' });
    const files = [1, 2, 3].map((seed) => paint(seed));
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'mask.png'), paint(9));
    const context = testContext(backend);
    const handle = await backend.submit(
      request({
        references: files.map((file, index) => reference(file, index === 0 ? 'init' : 'style')),
        providerOptions: { inputFidelity: 'high', mask: join(folder, 'mask.png') },
      }),
      context,
    );
    await backend.collect(handle, context);
    expect(inspected(context)?.complete).toBe(true);
    const [sent] = emulator.requests;
    expect(sent?.path).toBe('/v1/images/edits');
    expect(sent?.parameters).toMatchObject({ input_fidelity: 'high', model: 'gpt-image-1.5' });
    const images = sent?.pictures?.filter(({ field }) => field === 'image[]');
    expect(images?.map(({ sha256 }) => sha256)).toEqual(
      files.map((file) => createHash('sha256').update(file).digest('hex')),
    );
    expect(images?.map(({ type, filename }) => `${type} ${filename}`)).toEqual([
      'image/png reference-1.png',
      'image/png reference-2.png',
      'image/png reference-3.png',
    ]);
    expect(sent?.pictures?.find(({ field }) => field === 'mask')).toMatchObject({
      filename: 'mask.png',
      type: 'image/png',
    });
  });

  it('sends a single reference as `image`, and streams edits too', async () => {
    const backend = backendOf();
    const context = testContext(backend);
    const handle = await backend.submit(
      request({ references: [reference(paint(1))], providerOptions: { partialImages: 1 } }),
      context,
    );
    await backend.collect(handle, context);
    expect(inspected(context)?.complete).toBe(true);
    expect(context.events.filter(({ type }) => type === 'preview')).toHaveLength(1);
    expect(emulator.requests[0]?.pictures?.map(({ field }) => field)).toEqual(['image']);
    expect(emulator.requests[0]?.parameters).toMatchObject({ stream: true, partial_images: 1 });
  });

  it.each([
    ['a missing file', { mask: '/nowhere/mask.png' }, /cannot be read/],
    ['another size', { mask: paint(1, 128) }, /must be equal/],
    ['no image', { mask: { bytes: Buffer.from('text') } }, /not a whole PNG/],
    ['no alpha', { mask: paintPng({ width: 64, height: 64, prompt: 'x', seed: 1 }) }, /no transparency/],
    ['too many bytes', { mask: { bytes: Buffer.alloc(4_000_000) } }, /too large: at most 3999999 bytes/],
  ])('refuses a mask with %s before anything is sent', async (_name, providerOptions, message) => {
    const backend = backendOf({ model: 'gpt-image-2.5-flare' });
    const error = await errorOf(
      backend.submit(request({ references: [reference(paint(1))], providerOptions }), testContext(backend)),
    );
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted' });
    expect(error.message).toMatch(message);
    expect(emulator.requests).toHaveLength(0);
  });
});

describe('adoption after a crash', () => {
  it('finds a kept answer, rebuilds its handle and collects without another request', async () => {
    const backend = backendOf();
    const spoolDirectory = await temporaryFolder();
    const context = testContext(backend, { spoolDirectory });
    await backend.submit(request(), context);
    const next = backendOf();
    expect(await next.locate(context.key, context)).toBe('found');
    const result = await next.collect(next.handleFor(context.key, context), context);
    expect(result.images).toHaveLength(1);
    expect(emulator.ledger.submissions).toBe(1);
  });

  it('finds an answer that was whole but not renamed, and ignores one that broke off', async () => {
    const backend = backendOf();
    const spoolDirectory = await temporaryFolder();
    const context = testContext(backend, { spoolDirectory });
    await backend.submit(request(), context);
    const whole = await readFile(join(spoolDirectory, `${context.key}.answer`));
    const [renamed, broken] = [randomUUID(), randomUUID()];
    await writeFile(join(spoolDirectory, `${renamed}.part`), whole);
    await writeFile(join(spoolDirectory, `${broken}.part`), whole.subarray(0, whole.length - 400));
    expect(await backend.locate(renamed, context)).toBe('found');
    expect(await readdir(spoolDirectory)).toContain(`${renamed}.answer`);
    expect(await errorOf(backend.locate(broken, context))).toMatchObject({ outcome: 'unknown' });
  });

  it('the outcome is unknown if nothing was stored', async () => {
    const backend = backendOf();
    const context = testContext(backend, { spoolDirectory: await temporaryFolder() });
    expect(await errorOf(backend.locate(context.key, context))).toMatchObject({
      kind: 'unavailable',
      outcome: 'unknown',
    });
  });

  it('refuses the handle of another account', async () => {
    const context = testContext(backendOf());
    const handle = await backendOf().submit(request(), context);
    const other = backendOf({ apiKey: 'sk-another-account-key' });
    const error = await errorOf(other.collect(handle, context));
    expect(error).toMatchObject({ kind: 'auth', outcome: 'accepted' });
    expect(error.message).not.toContain('sk-another');
  });
});
