import { startHunyuanEmulator } from '@holodeck/emulators';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHunyuanBackend, hunyuanOptionsFromEnvironment } from '../src/index.ts';
import { failure, jumpingClock, referenceOf, request, solid, TestContext } from './harness.ts';
import { bare, picture, route } from './raw-server.ts';

import { apiKey, backendAt, drawn, path, serverOf, start } from './hy-image-35-server.ts';

describe('a request on the wire', () => {
  it('is one POST with a bearer key, and nothing that the vendor does not document', async () => {
    await using server = await serverOf();
    const backend = backendAt(server.url);
    await backend.submit(request({ seed: 7 }), new TestContext(backend));
    const [seen] = server.requests;
    expect(seen?.url).toBe(path);
    expect(seen?.headers.authorization).toBe(`Bearer ${apiKey}`);
    expect(seen?.json).toEqual({
      model: 'hy-image-v3.5-preview',
      messages: [{ role: 'user', content: [{ type: 'text', text: '雨中竹林' }] }],
      size: '1024x1024',
      seed: 7,
    });
    expect(server.requests).toHaveLength(1);
    await backend.close();
  });

  it('names each reference before the prompt, and carries marks only when asked', async () => {
    await using server = await serverOf();
    const backend = backendAt(server.url);
    const references = [
      await referenceOf(await solid(64, 64, '#fff')),
      await referenceOf(await solid(64, 48, '#000', 'jpeg'), 'image/jpeg'),
    ];
    const providerOptions = { footnote: '样张', watermark: true };
    await backend.submit(request({ references, providerOptions }), new TestContext(backend));
    const { messages, ...rest } = server.requests[0]?.json ?? {};
    expect(rest).toMatchObject({ resize_max_pixels: 4_194_304, footnote: '样张', logo_add: 1 });
    const [{ content } = { content: [] }] = messages as { content: Record<string, unknown>[] }[];
    expect(content.map(({ type }) => type)).toEqual(['text', 'image_url', 'text', 'image_url', 'text']);
    expect(content.map(({ text }) => text)).toEqual([
      'Image 1 (reference for the look):',
      undefined,
      'Image 2 (reference for the look):',
      undefined,
      '雨中竹林',
    ]);
    const urls = content.map(({ image_url: image }) => (image as { url?: string } | undefined)?.url?.slice(0, 23));
    expect(urls).toEqual([undefined, 'data:image/png;base64,i', undefined, 'data:image/jpeg;base64,', undefined]);
    await backend.close();
  });

  it.each([
    ['100x100', /below 256/],
    ['1000x1000', /multiples of 16/],
    ['8208x256', /above 8192/],
    ['8192x4096', /at most 16777216/],
  ])('refuses the size %s, which the service would bend and charge', async (size, message) => {
    await using running = await start();
    const result = await running.client.generate({ prompt: 'x', size });
    expect(result).toMatchObject({ success: false, error: { kind: 'invalid-request', outcome: 'not-submitted' } });
    if (!result.success) expect(result.error.message).toMatch(message);
    expect(running.emulator.ledger.submissions).toBe(0);
  });

  const refused: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['a long footnote', { footnote: 'x'.repeat(17) }, /footnote must be a text of 1 to 16/],
    ['rewriting', { rewritePrompt: false }, /rewritePrompt is unknown/],
    ['a logo', { logoParam: { LogoUrl: 'https://a/b' } }, /logoParam is unknown/],
  ];
  it.each(refused)('refuses %s before anything is sent', async (_name, providerOptions, message) => {
    await using server = await serverOf();
    const backend = backendAt(server.url);
    const error = await failure(backend.submit(request({ providerOptions }), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted' });
    expect(error.message).toMatch(message);
    expect(server.connections).toBe(0);
    await backend.close();
  });
});

describe('the answer', () => {
  it('is the picture of the choice, not one of the history, and the key stays at home', async () => {
    await using server = await serverOf({ tokenhub_usage: { total_tokens: 15_000 } });
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    const handle = await backend.submit(request({ seed: 7 }), context);
    expect(context.events).toEqual(['ended']);
    const result = await backend.collect(handle, context);
    expect(result).toEqual({ images: [{ index: 0, seed: 7 }], requestId: 'r-1', usage: { totalTokens: 15_000 } });
    expect(context.images.get(0)).toEqual(picture);
    expect(server.requests.at(-1)?.headers).not.toHaveProperty('authorization');
    expect(JSON.stringify(handle)).not.toMatch(/q-signature|sk-not/);
    await backend.close();
  });

  it('may come as an event stream', async () => {
    await using running = await start({ answerForm: 'sse' });
    expect(await running.client.generate({ prompt: '竹林' })).toMatchObject({ success: true });
  });

  it('is on disk before it is used: another process collects it, and finds it without a handle', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hy-image-35-'));
    try {
      await using server = await serverOf();
      const first = backendAt(server.url);
      const context = new TestContext(first);
      const handle = await first.submit(request(), Object.assign(context, { spoolDirectory: folder }));
      await first.close();
      expect(await readdir(folder)).toEqual([`${handle.key}.answer`]);
      const second = backendAt(server.url);
      const later = Object.assign(new TestContext(second), { key: handle.key, spoolDirectory: folder });
      expect(await second.locate?.(handle.key, later)).toBe('found');
      const found = second.handleFor?.(handle.key, later);
      expect((await second.collect(found ?? handle, later)).images).toEqual([{ index: 0 }]);
      const other = await failure(second.locate?.('none', later) ?? Promise.resolve());
      expect(other).toMatchObject({ kind: 'unavailable', outcome: 'unknown' });
      await second.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('sends nothing where it could not be kept', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hy-image-35-'));
    try {
      await writeFile(join(folder, 'file'), '');
      await using server = await serverOf();
      const backend = backendAt(server.url);
      const context = Object.assign(new TestContext(backend), { spoolDirectory: join(folder, 'file', 'spool') });
      const error = await failure(backend.submit(request(), context));
      expect(error).toMatchObject({ kind: 'storage', outcome: 'not-submitted' });
      expect(server.connections).toBe(0);
      await backend.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('that is in memory only is lost with its process', async () => {
    await using server = await serverOf();
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    const handle = await backend.submit(request(), context);
    const other = backendAt(server.url);
    expect(await failure(other.collect(handle, context))).toMatchObject({ kind: 'storage', outcome: 'lost' });
    await Promise.all([backend.close(), other.close()]);
  });

  it('whose link is refused is given up only after 10 s, because there is no other link', async () => {
    await using server = await serverOf();
    server.answers = [route({ [path]: drawn(`${server.url}/a.png?q-signature=secret`), '/a.png': bare(403) })];
    const clock = jumpingClock();
    const backend = backendAt(server.url, { internal: { clock } });
    const context = new TestContext(backend);
    const handle = await backend.submit(request(), context);
    expect(await failure(backend.collect(handle, context))).toMatchObject({ kind: 'job-failed', outcome: 'lost' });
    expect(clock.elapsedMs()).toBeGreaterThanOrEqual(10_000);
    await backend.close();
  });
});

describe('against the emulator', () => {
  it('makes a picture up to 4K, and the file says its size', async () => {
    await using running = await start({ reportedSize: { width: 512, height: 512 } });
    expect(await running.client.probe()).toMatchObject({ status: 'ready' });
    const result = await running.client.generate({ prompt: '雨夜的面馆', size: '2048x1152', seed: 7 });
    expect(result).toMatchObject({
      success: true,
      model: 'hy-image-v3.5-preview',
      images: [{ width: 2048, height: 1152, seed: 7 }],
      usage: { totalTokens: 15_000 },
      cost: { amount: 0.15, currency: 'CNY' },
    });
  });

  it('waits for a place when too many are drawn at once', async () => {
    await using running = await start({ concurrency: 1 }, { maxConcurrent: 3 });
    const results = await running.client.generateBatch(['a', 'b', 'c', 'd'].map((prompt) => ({ prompt })));
    expect(results.every(({ success }) => success)).toBe(true);
    expect(running.emulator.ledger).toMatchObject({ accepted: 4, maxConcurrent: 1 });
  });

  it('draws another picture for another reference', async () => {
    await using running = await start();
    const prompts = [undefined, '#aa3322', '#2233aa'];
    const hashes = new Set<string>();
    for (const colour of prompts) {
      const references = colour === undefined ? [] : [{ bytes: await solid(300, 200, colour) }];
      const result = await running.client.generate({ prompt: '同样的画风', seed: 3, references });
      if (result.success) hashes.add(result.images[0].sha256);
    }
    expect(hashes.size).toBe(3);
  });
});

describe('the choice of the API', () => {
  it('is explicit, needs a key, and is another look than Image 3.0', () => {
    expect(() => createHunyuanBackend({ api: 'hy-image-3.5', secretId: 'AKIDTEST', secretKey: 'k' })).toThrow(
      /API key/,
    );
    const newer = createHunyuanBackend({ api: 'hy-image-3.5', apiKey });
    const usual = createHunyuanBackend({ apiKey });
    expect(newer).toMatchObject({
      model: 'hy-image-v3.5-preview',
      fingerprint: 'hunyuan/tokenhub/hy-image-v3.5-preview',
    });
    expect(usual.model).toBe('hy-image-v3.0');
    expect(newer.lanes[0].id).not.toBe(usual.lanes[0].id);
    expect(usual.locate).toBeUndefined();
  });

  it('comes from the environment', () => {
    const environment = { HUNYUAN_API: 'hy-image-3.5', HUNYUAN_API_KEY: apiKey };
    expect(hunyuanOptionsFromEnvironment(environment)).toMatchObject({ options: { api: 'hy-image-3.5', apiKey } });
    const unset = hunyuanOptionsFromEnvironment({ HUNYUAN_API: 'hy-image-3.5' });
    expect(unset).toMatchObject({ configured: false, reason: { message: expect.stringContaining('HUNYUAN_API_KEY') } });
  });

  it.each([
    ['a key alone', { apiKey: 'emulator' }],
    ['a pair and a key', { apiKey: 'emulator', pair: true }],
  ])('is offered by the probe of Image 3.0 with %s', async (_name, { pair }: { apiKey: string; pair?: boolean }) => {
    const emulator = await startHunyuanEmulator();
    const { apiKey: key, ...keys } = emulator.credentials;
    const backend = createHunyuanBackend({ apiKey: key, endpoint: emulator.url, ...(pair === true ? keys : {}) });
    const { message } = await backend.probe({ signal: new AbortController().signal });
    expect(message).toMatch(/HUNYUAN_API=hy-image-3\.5.*0\.15 CNY.*no job id/);
    const without = createHunyuanBackend({ ...keys, endpoint: emulator.url });
    expect((await without.probe({ signal: new AbortController().signal })).message).not.toContain('hy-image-3.5');
    await Promise.all([backend.close(), without.close(), emulator.close()]);
  });
});
