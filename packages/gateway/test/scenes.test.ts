import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Gateway } from '../src/index.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';
import type { Services } from './support/gateway-fixture.ts';

interface Scene {
  readonly backend: string;
  readonly state: string;
  readonly jobs: readonly { readonly status: string }[];
  readonly assets: readonly { readonly id: string; readonly state: string; readonly url: string | null }[];
}

const folders = new TemporaryFolders();
let services: Services;
let gateway: Gateway;

beforeAll(async () => {
  services = await startServices();
  gateway = await startTestGateway(services, await folders.make());
});
afterAll(async () => {
  await gateway.close();
  await services.close();
  await folders.remove();
});

async function call(method: string, path: string, body?: unknown, headers = {}): Promise<Response> {
  return fetch(`${gateway.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** The scene once its jobs are over: a busy machine takes longer than one wait. */
async function sceneOf(id: string): Promise<Scene> {
  const scene = (await (await call('GET', `/v1/scenes/${id}?wait=60`)).json()) as Scene;
  const isOpen = scene.jobs.some(({ status }) => status === 'queued' || status === 'running');
  return isOpen ? sceneOf(id) : scene;
}

test('a scene, its cards, more cards, an image under its lock, its files', async () => {
  const request = { id: '面馆', text: '雨夜的面馆', style: '水彩', objects: ['高脚凳', { id: 'pot', name: '汤锅' }] };
  const started = await call('POST', '/v1/scenes', request);
  expect(started.status).toBe(202);
  const id = encodeURIComponent('面馆');
  const scene = await sceneOf(id);
  expect(scene).toMatchObject({ state: 'locked', backend: 'hunyuan', jobs: [{ status: 'succeeded' }] });
  expect(scene.assets.map((asset) => [asset.id, asset.state])).toEqual([
    ['scene-reference', 'current'],
    ['card/pot', 'current'],
    ['card/高脚凳', 'current'],
  ]);
  const paid = services.hunyuan.ledger.snapshot().accepted;
  expect((await call('POST', '/v1/scenes', request)).status).toBe(202);
  expect((await call('POST', `/v1/scenes/${id}/cards`, { objects: ['灯笼'] })).status).toBe(202);
  const more = await sceneOf(id);
  expect(more.assets).toHaveLength(4);
  expect(services.hunyuan.ledger.snapshot().accepted).toBe(paid + 1);

  const image = await call('POST', '/v1/images/generations', { prompt: '墙面贴图' }, { 'x-holodeck-session': id });
  expect(image.status).toBe(200);
  const last = await sceneOf(id);
  expect(last.assets.filter((asset) => asset.id.startsWith('image/'))).toHaveLength(1);

  for (const { url } of last.assets) {
    // Python's urllib takes no other letters.
    expect(url).toMatch(/^[!-~]+$/);
    const file = await fetch(url ?? '');
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'image/png']);
  }
  for (const path of ['manifest.json', '../gateway.db', '%2e%2e/%2e%2e/etc/passwd', '.holodeck/state.db']) {
    expect((await call('GET', `/v1/scenes/${id}/files/${path}`)).status).toBe(404);
  }
  // Images of scenes and others are counted together, in one line for each backend.
  const lines = (await (await call('GET', '/metrics')).text()).split('\n');
  expect(lines.filter((line) => line.startsWith('holodeck_accepted_total{backend="hunyuan"}'))).toEqual([
    `holodeck_accepted_total{backend="hunyuan"} ${services.hunyuan.ledger.snapshot().accepted}`,
  ]);
  const events = await call('GET', `/v1/scenes/${id}/events`);
  const reader = (events.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (!text.includes('event: lock')) text += Buffer.from((await reader.read()).value ?? []).toString();
  await reader.cancel();
});

test('a scene is given another backend only when its images may go', async () => {
  await call('POST', '/v1/scenes', { id: 'moved', text: 'a study' });
  await sceneOf('moved');
  const refused = await call('POST', '/v1/scenes/moved/relock', { backend: 'openai' });
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ error: { code: 'assets-exist' } });
  expect((await call('POST', '/v1/scenes/moved/relock', { backend: 'openai', discard_assets: true })).status).toBe(200);
  await call('POST', '/v1/scenes', { id: 'moved', text: 'a study', objects: ['lamp'] });
  expect(await sceneOf('moved')).toMatchObject({ backend: 'openai' });
  expect((await call('POST', '/v1/scenes/moved/release', {})).status).toBe(409);
  const released = await call('POST', '/v1/scenes/moved/release', { discard_assets: true });
  expect([released.status, await released.json()]).toMatchObject([200, { state: 'free' }]);
});

test('an unknown scene is 404, and a bad one 400', async () => {
  expect((await call('GET', '/v1/scenes/nowhere')).status).toBe(404);
  expect((await call('POST', '/v1/scenes', { text: '' })).status).toBe(400);
  expect((await call('POST', '/v1/scenes', { id: '../x', text: 'a room' })).status).toBe(400);
});

test.each([
  ['/v1/scenes', 'text', { text: '' }],
  ['/v1/scenes', 'text', { text: ' \n\u3000' }],
  ['/v1/scenes', 'text', { text: '\u200b\ufeff' }],
  ['/v1/scenes', 'text', { objects: ['lamp'] }],
  ['/v1/scenes', 'style', { text: 'a room', style: ' ' }],
  ['/v1/scenes', 'objects.0', { text: 'a room', objects: ['\u200b'] }],
  ['/v1/scenes', 'objects.1.name', { text: 'a room', objects: ['lamp', { name: ' ' }] }],
  ['/v1/scenes/blank/cards', 'objects.0.name', { objects: [{ id: 'lamp', name: '\u200d' }] }],
  ['/v1/images/generations', 'prompt', { prompt: ' ' }],
  ['/v1/images/generations', 'prompt', { prompt: '\u2060' }],
  ['/v1/images/edits', 'prompt', { prompt: '\t', images: [{ image_url: 'data:image/png;base64,AAAA' }] }],
  ['/v1/scenes/blank/relock', 'backend', { backend: ' ' }],
])('%s refuses a blank %s before anything is kept: %j', async (path, param, body) => {
  const kept = async (): Promise<unknown> => (await call('GET', '/v1/jobs')).json();
  const before = await kept();
  const refused = await call('POST', path, body);
  expect([refused.status, await refused.json()]).toMatchObject([
    400,
    {
      error: { type: 'invalid_request_error', code: 'invalid-request', param, message: expect.stringContaining(param) },
    },
  ]);
  expect(await kept()).toEqual(before);
});

test.each([
  ['POST', '/v1/scenes', { text: ' ' }, 'text：为空，至少需要一个可见的字符'],
  ['POST', '/v1/scenes', { text: 'a room', seed: -1 }, 'seed：数值过小：期望 number >=0'],
  ['POST', '/v1/scenes', [], '请求体：无效输入：期望 object，实际接收 数组'],
  ['POST', '/v1/scenes', { id: '../x', text: 'a room' }, '会话 id'],
  ['POST', '/v1/images/generations', { prompt: 'x', model: 'hunyuan', quality: 'high' }, '未知的 providerOptions'],
  ['GET', '/v1/jobs/job_0', undefined, '没有任务 job_0。'],
  ['GET', '/nowhere', undefined, '这个地址没有内容'],
])('%s %s answers %j in Chinese if the caller asks for it', async (method, path, body, words) => {
  const answer = await call(method, path, body, { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.5' });
  const { error } = (await answer.json()) as { error: { message: string } };
  expect(error.message).toContain(words);
  const otherwise = (await (await call(method, path, body)).json()) as { error: { message: string } };
  expect(otherwise.error.message).not.toMatch(/\p{Script=Han}/u);
});

test('objects are refused before the scene reference is paid for; equal names are two objects', async () => {
  const before = services.hunyuan.ledger.snapshot().submissions;
  const bad = [
    [
      { id: 'a', name: 'lamp' },
      { id: 'A', name: 'pot' },
    ],
    [{ id: 'con', name: 'lamp' }],
    [{ name: ' ' }],
    ['a half \ud83d'],
  ];
  for (const objects of bad) {
    const refused = await call('POST', '/v1/scenes', { text: 'a room', objects });
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: 'invalid-request' } }]);
  }
  expect(services.hunyuan.ledger.snapshot().submissions).toBe(before);
  await call('POST', '/v1/scenes', { id: 'two-lamps', text: 'a room', objects: ['lamp', 'lamp'] });
  const { assets } = await sceneOf('two-lamps');
  expect(assets.map(({ id, state }) => [id, state])).toEqual([
    ['scene-reference', 'current'],
    ['card/lamp', 'current'],
    ['card/lamp-2', 'current'],
  ]);
});
