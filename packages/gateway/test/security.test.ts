import { mkdir, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { paintPng } from '@holodeck/emulators';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { until } from '../../../test/support/until.ts';
import { addKey } from '../src/index.ts';
import type { Gateway } from '../src/index.ts';
import { withoutFolder } from '../src/jobs/without-folder.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';
import type { Services } from './support/gateway-fixture.ts';

const studio = 'https://studio.example';
const folders = new TemporaryFolders();
let services: Services;
let folder: string;
let keysFile: string;
let key: string;
let gateway: Gateway;

beforeAll(async () => {
  [services, folder] = await Promise.all([startServices(), folders.make()]);
  keysFile = join(folder, 'keys.json');
  ({ key } = await addKey(keysFile, 'alice'));
  gateway = await startTestGateway(services, join(folder, 'output'), { keysFile, cors: [studio] });
});
afterAll(async () => {
  await gateway.close();
  await services.close();
  await folders.remove();
});

function call(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

const submissions = (): number => services.openai.ledger.snapshot().submissions;

test('only the pages that are named may call, after asking', async () => {
  const ask = (origin: string): Promise<Response> =>
    fetch(`${gateway.url}/v1/images/generations`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,idempotency-key',
      },
    });
  const allowed = await ask(studio);
  expect(allowed.headers.get('access-control-allow-origin')).toBe(studio);
  expect(allowed.headers.get('access-control-allow-headers')).toContain('idempotency-key');
  expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  const models = await call('/v1/models', undefined, { origin: studio });
  expect([models.status, models.headers.get('access-control-allow-origin')]).toEqual([200, studio]);
  expect(models.headers.get('access-control-expose-headers')).toContain('x-holodeck-job');
  expect((await call('/v1/models', undefined, { origin: 'https://evil.example' })).status).toBe(403);
});

test('a body that is too large is refused before it is sent', async () => {
  const status = await new Promise<number | undefined>((done, reject) => {
    const request = httpRequest(`${gateway.url}/v1/images/edits`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'content-length': String(200 * 2 ** 20),
      },
    });
    request.on('error', reject);
    request.on('response', (answer) => {
      done(answer.resume().statusCode);
      request.on('error', () => undefined).destroy();
    });
    request.flushHeaders();
  });
  expect(status).toBe(413);
});

test.each(['mask', 'markup'])('an option %s reaches no picture of the server', async (name) => {
  const picture = join(folder, 'private.png');
  await writeFile(picture, paintPng({ prompt: 'private', width: 64, height: 64, seed: 1 }));
  const bytes = paintPng({ prompt: 'mine', width: 64, height: 64, seed: 2 });
  const image = { image_url: `data:image/png;base64,${Buffer.from(bytes).toString('base64')}` };
  const before = submissions();
  for (const value of [picture, { path: picture }, 'private.png', 'https://studio.example/a.png']) {
    const body = { model: 'openai', prompt: 'x', images: [image], provider_options: { [name]: value } };
    const answer = await call('/v1/images/edits', body);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: 'remote-reference' } }]);
  }
  expect(submissions()).toBe(before);
});

test('options that are nested too deeply are refused', async () => {
  const before = submissions();
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  const body = `{"model":"openai","prompt":"x","provider_options":{"deep":${deep}}}`;
  const answer = await call('/v1/images/generations', body);
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: { param: 'provider_options' } }]);
  expect(submissions()).toBe(before);
});

test('a reference is never an address or a path', async () => {
  for (const address of ['https://studio.example/a.png', 'file:///etc/hostname', '/etc/hostname']) {
    const answer = await call('/v1/images/edits', { model: 'openai', prompt: 'x', images: [{ image_url: address }] });
    expect(answer.status).toBe(400);
  }
});

test.each([
  'http://10.0.0.1/hook',
  'http://169.254.169.254/',
  'ftp://studio.example/',
  'http://user:pw@studio.example/',
])('a webhook at %s is refused', async (webhook) => {
  const before = submissions();
  const answer = await call('/v1/images/generations', { model: 'openai', prompt: 'x', webhook });
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: 'webhook-refused' } }]);
  expect(submissions()).toBe(before);
});

test('a session that cannot be one is refused', async () => {
  for (const session of ['%E0', '..%2F..', '../x']) {
    const headers = { 'x-holodeck-session': session };
    expect((await call('/v1/images/generations', { model: 'openai', prompt: 'x' }, headers)).status).toBe(400);
  }
});

test('no answer names a place of the server, whatever went wrong there', async () => {
  const background = { model: 'openai', prompt: 'a pot', background: true };
  const made = (await (await call('/v1/images/generations', background)).json()) as { id: string };
  const texts = [await (await call(`/v1/jobs/${made.id}?wait=60`)).text()];
  // A file where the scene's folder should be.
  await mkdir(join(folder, 'output'), { recursive: true });
  await writeFile(join(folder, 'output', 'alice.blocked'), 'not a folder');
  await call('/v1/scenes', { id: 'blocked', text: 'a room' });
  const scene = await call('/v1/scenes/blocked?wait=60');
  texts.push(await scene.text());
  expect(texts[1]).toContain('"failed"');
  for (const text of texts) expect(text).not.toContain(folder);
});

test('paths of the folder become relative; addresses and longer names stay', () => {
  const given = ['/out/a.png', 'See "/out/b/c.png".', 'in /out.', '/output/x', 'https://a.example/out/x', '/out'];
  expect(withoutFolder(given, '/out')).toEqual([
    'a.png',
    'See "b/c.png".',
    'in ..',
    '/output/x',
    'https://a.example/out/x',
    '.',
  ]);
});

test('a key file that cannot be read lets nobody in, and is not named', async () => {
  const own = await folders.make();
  const file = join(own, 'keys.json');
  const added = await addKey(file, 'bob');
  const other = await startTestGateway(services, join(own, 'output'), { keysFile: file });
  await writeFile(file, '{ damaged');
  const ask = (): Promise<Response> =>
    fetch(`${other.url}/v1/models`, { headers: { authorization: `Bearer ${added.key}` } });
  await until(async () => (await ask()).status === 500);
  for (let calls = 0; calls < 3; calls += 1) {
    const answer = await ask();
    expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining(own)]);
  }
  await other.close();
});
