import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { addKey, openJobService, readKeys, revokeKey, signatureOf } from '../src/index.ts';
import type { Gateway, KeyLimits } from '../src/index.ts';
import { until } from '../../../test/support/until.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';
import type { Services } from './support/gateway-fixture.ts';

const folders = new TemporaryFolders();
let services: Services;
let gateway: Gateway;
let keysFile: string;
const keys: Record<string, { key: string; secret: string }> = {};

const limits: Readonly<Record<string, KeyLimits>> = {
  alice: {},
  bob: { backends: ['openai'] },
  // Hunyuan costs 0.2 CNY an image.
  carol: { maxCost: { CNY: 0.5 }, backends: ['hunyuan'] },
  dora: { maxConcurrent: 1 },
  dave: {},
};

beforeAll(async () => {
  services = await startServices();
  const folder = await folders.make();
  keysFile = join(folder, 'keys.json');
  for (const [name, limit] of Object.entries(limits)) keys[name] = await addKey(keysFile, name, limit);
  gateway = await startTestGateway(services, join(folder, 'output'), { keysFile });
});
afterAll(async () => {
  await gateway.close();
  await services.close();
  await folders.remove();
});

function call(name: string, method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${gateway.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[name]?.key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

test('the file holds hashes only, and is private', async () => {
  const text = await readFile(keysFile, 'utf8');
  for (const { key } of Object.values(keys)) expect(text).not.toContain(key);
  expect((await stat(keysFile)).mode & 0o077).toBe(0);
  expect((await readKeys(keysFile)).map(({ name }) => name)).toEqual(Object.keys(limits));
});

test('a key sees nothing of another one', async () => {
  const made = await call('alice', 'POST', '/v1/images/generations', {
    prompt: 'a vase',
    model: 'openai',
    background: true,
  });
  const { id } = (await made.json()) as { id: string };
  const own = (await (await call('alice', 'GET', `/v1/jobs/${id}?wait=60`)).json()) as { images: { url: string }[] };
  expect((await call('bob', 'GET', `/v1/jobs/${id}`)).status).toBe(404);
  expect((await call('bob', 'DELETE', `/v1/jobs/${id}`)).status).toBe(404);
  expect((await call('bob', 'GET', `/v1/jobs/${id}/images/1`)).status).toBe(404);
  expect(await (await call('bob', 'GET', '/v1/jobs')).json()).toMatchObject({ data: [] });
  // The address is signed, so that clients without a key can use it, for this image alone.
  const url = new URL(own.images[0]?.url ?? '');
  expect((await fetch(url)).status).toBe(200);
  url.searchParams.set('expires', String(Date.now() + 9e9));
  expect((await fetch(url)).status).toBe(401);

  for (const name of ['alice', 'bob']) {
    const scene = await call(name, 'POST', '/v1/scenes', { id: 'room', text: `the room of ${name}` });
    expect(scene.status).toBe(202);
    const state = (await (await call(name, 'GET', '/v1/scenes/room?wait=60')).json()) as {
      assets: { prompt: string }[];
    };
    expect(state.assets[0]?.prompt).toContain(name);
  }
  expect(await (await call('bob', 'GET', '/v1/scenes')).json()).toMatchObject({
    data: [{ id: 'room', backend: 'openai' }],
  });
  expect((await call('dora', 'GET', '/v1/scenes/room')).status).toBe(404);
});

test('a key keeps to its backends', async () => {
  expect((await call('bob', 'POST', '/v1/images/generations', { prompt: 'x', model: 'hunyuan' })).status).toBe(403);
  const models = (await (await call('bob', 'GET', '/v1/models')).json()) as { data: { id: string }[] };
  expect(models.data.map(({ id }) => id)).toEqual(['auto', 'openai', 'openai:gpt-image-2']);
});

test('a budget is never passed, by images and scenes together, and lives through a restart', async () => {
  const before = services.hunyuan.ledger.snapshot().accepted;
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd'].map((prompt) => call('carol', 'POST', '/v1/images/generations', { prompt })),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 402, 402]);
  expect(services.hunyuan.ledger.snapshot().accepted).toBe(before + 2);
  await call('carol', 'POST', '/v1/scenes', { id: 'poor', text: 'a room' });
  const scene = (await (await call('carol', 'GET', '/v1/scenes/poor?wait=60')).json()) as {
    jobs: { status: string }[];
  };
  expect(scene.jobs[0]?.status).toBe('failed');
  expect(services.hunyuan.ledger.snapshot().accepted).toBe(before + 2);
});

async function startJob(name: string, prompt: string, model: string): Promise<string> {
  const made = await call(name, 'POST', '/v1/images/generations', { prompt, model, background: true });
  return ((await made.json()) as { id: string }).id;
}

async function statusOf(name: string, id: string, wait = 0): Promise<string> {
  return ((await (await call(name, 'GET', `/v1/jobs/${id}?wait=${wait}`)).json()) as { status: string }).status;
}

test('a key has as many jobs at once as it may, and the others do not wait for it', async () => {
  // No job ends before the queue goes on.
  services.comfyui.set({ paused: true });
  const own: string[] = [];
  for (const prompt of ['a', 'b', 'c']) own.push(await startJob('dora', prompt, 'comfyui'));
  const other = await startJob('alice', 'd', 'comfyui');
  await until(async () => (await statusOf('alice', other)) === 'running');
  expect(await Promise.all(own.map((id) => statusOf('dora', id)))).toEqual(['running', 'queued', 'queued']);
  services.comfyui.set({ paused: false });
  const ends = await Promise.all(own.map((id) => statusOf('dora', id, 60)));
  expect(ends).toEqual(['succeeded', 'succeeded', 'succeeded']);
});

test('keys share an account in turn, however much one of them asks for', async () => {
  const backends = services.backends.flatMap((one) =>
    one.name === 'comfyui' ? [{ ...one, client: { maxConcurrent: 1 } }] : [],
  );
  const shared = gateway;
  gateway = await startTestGateway(services, await folders.make(), { keysFile, backends });
  // The first job holds the only permit until the queue goes on.
  services.comfyui.set({ paused: true });
  const before = services.comfyui.ledger.entries.length;
  const many: string[] = [];
  for (let index = 0; index < 10; index += 1) many.push(await startJob('alice', `many ${index}`, 'comfyui'));
  const few = await startJob('dora', 'few', 'comfyui');
  await until(async () => (await statusOf('dora', few)) === 'running');
  services.comfyui.set({ paused: false });
  await Promise.all([...many.map((id) => statusOf('alice', id, 60)), statusOf('dora', few, 60)]);
  const order = services.comfyui.ledger.entries.slice(before).map(({ prompt }) => prompt);
  expect(order).toHaveLength(11);
  expect(order.slice(0, 5)).toContain('few');
  await gateway.close();
  gateway = shared;
});

test('scenes of a key take its turn together, however many there are', async () => {
  const backends = services.backends.flatMap((one) =>
    one.name === 'comfyui' ? [{ ...one, client: { maxConcurrent: 1 } }] : [],
  );
  const shared = gateway;
  gateway = await startTestGateway(services, await folders.make(), { keysFile, backends });
  services.comfyui.set({ paused: true });
  const before = services.comfyui.ledger.entries.length;
  const startScene = async (name: string, text: string): Promise<string> =>
    ((await (await call(name, 'POST', '/v1/scenes', { text })).json()) as { id: string }).id;
  const many: string[] = [];
  for (let index = 0; index < 8; index += 1) many.push(await startScene('alice', `many ${index}`));
  // Wait in line before the other key comes.
  await until(() => services.comfyui.ledger.entries.length > before);
  const few: string[] = [];
  for (let index = 0; index < 3; index += 1) few.push(await startScene('dave', `few ${index}`));
  services.comfyui.set({ paused: false });
  await Promise.all([...many.map((id) => statusOf('alice', id, 60)), ...few.map((id) => statusOf('dave', id, 60))]);
  const order = services.comfyui.ledger.entries.slice(before).map(({ prompt }) => prompt);
  expect(order).toHaveLength(11);
  // By turns of sessions, the last of the few would come last but one at the earliest.
  expect(order.slice(0, 9).filter((prompt) => prompt.includes('few'))).toHaveLength(3);
  await gateway.close();
  gateway = shared;
});

test('calls without a key are refused, and bounded', async () => {
  const bare = (): Promise<Response> => fetch(`${gateway.url}/v1/models`);
  expect((await bare()).status).toBe(401);
  const wrong = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: 'Bearer hk_wrong' } });
  expect(wrong.status).toBe(401);
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  let status = 401;
  for (let tries = 0; tries < 40 && status === 401; tries += 1) ({ status } = await bare());
  expect(status).toBe(429);
  // Who has a key is not held up by others at the same address.
  expect((await call('alice', 'GET', '/v1/models')).status).toBe(200);
});

test('names that were pointed at this machine, and foreign pages, are refused', async () => {
  const local = await startTestGateway(services, await folders.make());
  const refused = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${local.url}/v1/models`, { headers })).status;
  expect(await refused({ origin: 'https://evil.example' })).toBe(403);
  expect(await refused({ origin: local.url })).toBe(200);
  expect(await refused({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  const { port } = local;
  const { request } = await import('node:http');
  const byName = await new Promise<number>((done) => {
    request({ port, path: '/v1/models', headers: { host: 'evil.example' } }, (answer) =>
      done(answer.statusCode ?? 0),
    ).end();
  });
  expect(byName).toBe(403);
  await local.close();
});

test('other machines need keys', async () => {
  const folder = await folders.make();
  await expect(startTestGateway(services, folder, { host: '0.0.0.0' })).rejects.toThrow('--keys');
});

test('a revoked key is refused within seconds', async () => {
  const { key } = await addKey(keysFile, 'eve');
  const status = async (): Promise<number> =>
    (await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
  await until(async () => (await status()) === 200);
  await revokeKey(keysFile, 'eve');
  await until(async () => (await status()) === 429);
  await expect(addKey(keysFile, 'Not A Name')).rejects.toThrow('lower-case');
  await expect(addKey(keysFile, 'alice')).rejects.toThrow('already');
});

test('the address of an image that a revoked key signed is refused, also when nobody else calls', async () => {
  const signer = await addKey(keysFile, 'frank');
  const made = async (): Promise<Response> =>
    fetch(`${gateway.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${signer.key}`, 'idempotency-key': 'one' },
      body: JSON.stringify({ prompt: 'x', model: 'openai', response_format: 'url' }),
    });
  await until(async () => (await made()).status === 200);
  const { data } = (await (await made()).json()) as { data: { url: string }[] };
  const status = async (): Promise<number> => (await fetch(data[0]?.url ?? '')).status;
  expect(await status()).toBe(200);
  await revokeKey(keysFile, 'frank');
  await until(async () => (await status()) !== 200);
});

test('the budget of a key that was revoked holds for the jobs that go on', async () => {
  const before = services.hunyuan.ledger.snapshot().submissions;
  const revoked = { key: 'grace', maxCost: { CNY: 0.1 } };
  const outputDir = await folders.make();
  const service = await openJobService({ backends: services.backends, outputDir, callerOf: () => undefined });
  const { id } = await service.start(revoked, { kind: 'image', prompt: 'x', backend: 'hunyuan', count: 2 });
  const ended = await service.wait(revoked, id, Number.POSITIVE_INFINITY);
  expect(ended?.failures.map(({ error }) => error.kind)).toEqual(['budget', 'budget']);
  expect(services.hunyuan.ledger.snapshot().submissions).toBe(before);
  await service.close();
});

test('a webhook reports the end, signed, and again until it is taken', async () => {
  const calls: { headers: Record<string, string | string[] | undefined>; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      calls.push({ headers: request.headers, body });
      response.writeHead(calls.length === 1 ? 503 : 204).end();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const made = await call('alice', 'POST', '/v1/images/generations', {
    prompt: 'x',
    model: 'openai',
    webhook,
    background: true,
  });
  const { id } = (await made.json()) as { id: string };
  await until(() => calls.length === 2);
  const [, { headers, body }] = calls as [unknown, (typeof calls)[0]];
  expect(JSON.parse(body)).toMatchObject({ type: 'job.succeeded', data: { id } });
  const signature = signatureOf(keys['alice']?.secret ?? '', id, String(headers['webhook-timestamp']), body);
  expect(headers['webhook-signature']).toBe(`v1,${signature}`);
  server.close();
});
