import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLabels } from '@holodeck/core/labels';
import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import { readManifest } from '@holodeck/hybrid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PostcardServer } from '../../../../packages/conformance/examples/postcard-server.ts';
import { openLiveServices, withEnvironmentFile } from '../../src/server/live-services.ts';
import { startDemoServer } from '../../src/server/start-demo.ts';
import { frontEnd } from '../support/demo-fixture.ts';
import { viewWhen } from '../support/feed-reader.ts';
import { callHttp } from '../support/http-call.ts';

let folder: string;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holodeck-live-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true, force: true });
});

it('names what is not configured, and how', async () => {
  const services = await openLiveServices({ HOLODECK_STATE_DIR: folder, OPENAI_API_KEY: 'sk-of-a-test' });
  closing.push(() => services.close());
  expect(services.mode).toBe('live');
  expect(services.faults).toBeUndefined();
  expect(services.backends.map(({ name }) => name)).toEqual(['openai']);
  expect(services.absent.map(({ name }) => name)).toEqual(['hunyuan', 'comfyui']);
  expect(services.absent[0]?.message.en).toContain('HUNYUAN_SECRET_ID');
  expect(services.absent[1]?.message.zh).toContain('COMFYUI_URL');
});

it('follows HOLODECK_BACKENDS, and refuses a name that it does not know', async () => {
  const environment = { HOLODECK_STATE_DIR: folder, OPENAI_API_KEY: 'sk-a', COMFYUI_URL: 'http://127.0.0.1:1' };
  const services = await openLiveServices({ ...environment, HOLODECK_BACKENDS: 'comfyui > OpenAI' });
  closing.push(() => services.close());
  expect(services.backends.map(({ name }) => name)).toEqual(['comfyui', 'openai']);
  expect(services.absent).toEqual([]);
  await expect(openLiveServices({ ...environment, HOLODECK_BACKENDS: 'dalle' })).rejects.toThrow(/names "dalle"/);
});

it('shows a third-party backend once HOLODECK_BACKENDS names its module', async () => {
  const postcard = await new PostcardServer().start();
  closing.push(async () => postcard.close());
  const services = await openLiveServices({
    HOLODECK_STATE_DIR: folder,
    HOLODECK_BACKENDS: new URL('../../../../packages/conformance/examples/postcard-definition.ts', import.meta.url)
      .href,
    POSTCARD_URL: postcard.url,
    POSTCARD_KEY: postcard.key,
  });
  closing.push(() => services.close());
  const server = await startDemoServer({ services, outputDir: join(folder, 'out'), frontEnd: await frontEnd() });
  closing.push(() => server.close());
  const config = await callHttp(server.port, '/api/config');
  expect(JSON.parse(config.text)).toEqual({
    mode: 'live',
    backends: ['postcard'],
    labels: { postcard: { en: 'Postcard', zh: '明信片' } },
    opening: {},
  });
  const availability = await callHttp(server.port, '/api/availability');
  expect(JSON.parse(availability.text)).toMatchObject([
    { backend: 'postcard', price: { perImage: 0.5, currency: 'EUR' } },
  ]);
});

it('reads a file of variables; existing ones win', async () => {
  const file = join(folder, '.env');
  await writeFile(file, '\uFEFFOPENAI_API_KEY=from-the-file\nCOMFYUI_URL="http://127.0.0.1:2"\n');
  expect(withEnvironmentFile(file, { OPENAI_API_KEY: 'from-outside' })).toMatchObject({
    OPENAI_API_KEY: 'from-outside',
    COMFYUI_URL: 'http://127.0.0.1:2',
  });
  const environment = { A: '1' };
  expect(withEnvironmentFile(join(folder, 'missing.env'), environment)).toBe(environment);
});

it('makes a scene and its cards with Hy-Image 3.5', async () => {
  const hunyuan = await startHunyuanEmulator({ jobMs: 50 });
  closing.push(() => hunyuan.close());
  const services = await openLiveServices({
    HOLODECK_STATE_DIR: folder,
    HUNYUAN_API: 'hy-image-3.5',
    HUNYUAN_API_KEY: hunyuan.credentials.apiKey,
    HUNYUAN_ENDPOINT: hunyuan.url,
  });
  closing.push(() => services.close());
  const server = await startDemoServer({ services, outputDir: join(folder, 'out'), frontEnd: await frontEnd() });
  closing.push(() => server.close());
  const { port } = server;
  const created = await callHttp(port, '/api/sessions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'A lift shaft', objects: [{ name: 'cage' }] }),
  });
  const { sessionId } = JSON.parse(created.text) as { sessionId: string };
  const view = await viewWhen({ port }, sessionId, ({ running, missing }) => !running && missing === 0);
  expect(view).toMatchObject({ lock: { backend: 'hunyuan', model: 'hy-image-v3.5-preview' } });
  const manifest = await readManifest(join(folder, 'out', sessionId));
  expect(manifest.assets.map(({ cost }) => cost.amount)).toEqual([0.15, 0.15]);
  expect(hunyuan.ledger.accepted).toBe(2);
});

it('makes images with configured services, and no secret of theirs reaches the page', async () => {
  const hunyuan = await startHunyuanEmulator({ jobMs: 50 });
  closing.push(() => hunyuan.close());
  const openai = await startOpenAIEmulator({ imageMs: 50 });
  closing.push(() => openai.close());
  const comfyui = await startComfyUIEmulator({ jobMs: 50 });
  closing.push(() => comfyui.close());
  const { secretId, secretKey } = hunyuan.credentials;
  const services = await openLiveServices({
    HOLODECK_STATE_DIR: folder,
    HUNYUAN_SECRET_ID: secretId,
    HUNYUAN_SECRET_KEY: secretKey,
    HUNYUAN_ENDPOINT: hunyuan.url,
    OPENAI_API_KEY: openai.apiKey,
    OPENAI_BASE_URL: `${openai.url}/v1`,
    COMFYUI_URL: comfyui.url,
  });
  closing.push(() => services.close());
  const server = await startDemoServer({ services, outputDir: join(folder, 'out'), frontEnd: await frontEnd() });
  closing.push(() => server.close());
  const { port } = server;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ text: 'A lift shaft', objects: [{ name: 'cage' }] });
  const created = await callHttp(port, '/api/sessions', { method: 'POST', headers, body });
  const { sessionId } = JSON.parse(created.text) as { sessionId: string };
  const view = await viewWhen({ port }, sessionId, ({ running, missing }) => !running && missing === 0);
  expect(view.lock).toMatchObject({ state: 'locked', backend: 'hunyuan' });
  expect(hunyuan.ledger.accepted).toBe(2);

  // A probe of stopped services reports the reasons.
  await Promise.all([hunyuan.close(), openai.close(), comfyui.close()]);
  await callHttp(port, '/api/availability', { method: 'POST', headers, body: '{}' });
  const archive = await callHttp(port, `/api/sessions/${sessionId}/archive.zip`);
  const pages = await Promise.all(
    ['/', '/api/config', '/api/availability', '/api/sessions', `/api/sessions/${sessionId}`].map(async (path) =>
      callHttp(port, path),
    ),
  );
  // The pictures in the archive say the same as those of the session.
  const { assets } = await readManifest(join(folder, 'out', sessionId));
  const zipped = await fetch(`http://127.0.0.1:${port}/api/sessions/${sessionId}/archive.zip`);
  const zip = Buffer.from(await zipped.arrayBuffer());
  for (const { path, labels } of assets) {
    const file = await readFile(join(folder, 'out', sessionId, path ?? ''));
    expect(zip.indexOf(file), path ?? '').toBeGreaterThan(0);
    expect(readLabels(file)).toEqual(labels?.file);
  }
  const card = assets.find(({ kind }) => kind === 'card');
  expect(card?.labels?.file.digitalSourceType).toMatch(/compositeWithTrainedAlgorithmicMedia$/);
  const sheet = await readFile(join(folder, 'out', sessionId, 'contact-sheet.png'));
  expect(zip.indexOf(sheet)).toBeGreaterThan(0);
  expect(readLabels(sheet).digitalSourceType).toMatch(/compositeWithTrainedAlgorithmicMedia$/);
  expect(pages.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(pages[1]?.text).toContain('"mode":"live"');
  expect(pages[2]?.text).toContain('"status":"down"');
  for (const { text } of [...pages, archive]) {
    for (const secret of [secretId, secretKey, openai.apiKey]) expect(text).not.toContain(secret);
  }
  expect((await callHttp(port, '/api/faults')).status).toBe(404);
});
