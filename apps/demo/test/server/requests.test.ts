import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/shared/demo-api.ts';
import type { AvailabilityView } from '../../src/shared/session-view.ts';
import type { DemoFixture } from '../support/demo-fixture.ts';
import { startDemo } from '../support/demo-fixture.ts';
import { viewWhen } from '../support/feed-reader.ts';
import { callHttp, codeOf } from '../support/http-call.ts';
import type { HttpCall } from '../support/http-call.ts';

let demo: DemoFixture;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.close());

const json = { 'content-type': 'application/json' };

function post(body: unknown): HttpCall {
  return { method: 'POST', headers: json, body: JSON.stringify(body) };
}

describe('input is refused before anything is made', () => {
  const tooMany = Array.from({ length: limits.objects + 1 }, () => ({ name: 'stool' }));
  const cases: [string, unknown, string][] = [
    ['no object', [], 'must be a JSON object'],
    ['no text', {}, '`text` must be text'],
    ['an empty text', { text: ' \n ' }, '`text` is empty'],
    ['a text that shows nothing', { text: '\u200b\u2060' }, '`text` is empty'],
    ['a text that is too long', { text: 'x'.repeat(limits.text + 1) }, `at most ${limits.text}`],
    ['half a character', { text: 'a\ud800b' }, 'not well-formed'],
    ['a style that is too long', { text: 'A', style: 'x'.repeat(limits.style + 1) }, `at most ${limits.style}`],
    ['objects that are none', { text: 'A', objects: 'many' }, 'must be an array'],
    ['a nameless object', { text: 'A', objects: [{ name: '' }] }, '`objects[0].name` is empty'],
    [
      'an object whose name shows nothing',
      { text: 'A', objects: [{ name: '\ufeff\u200d' }] },
      '`objects[0].name` is empty',
    ],
    ['too many objects', { text: 'A', objects: tooMany }, `At most ${limits.objects}`],
    ['an unknown policy', { text: 'A', policy: 'hope' }, '`policy` must be'],
  ];
  it.each(cases)('%s', async (_name, body, words) => {
    const answer = await callHttp(demo.port, '/api/sessions', post(body));
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid-request']);
    expect(answer.text).toContain(words);
    expect((await callHttp(demo.port, '/api/sessions')).text).toBe('[]');
  });

  it('a body that is not JSON, or is too large, with and without a length', async () => {
    const call = (body: string, isChunked = false): HttpCall => ({ method: 'POST', headers: json, body, isChunked });
    expect((await callHttp(demo.port, '/api/sessions', call('{'))).status).toBe(400);
    const large = JSON.stringify({ text: 'A', more: 'x'.repeat(limits.body) });
    for (const isChunked of [false, true]) {
      const answer = await callHttp(demo.port, '/api/sessions', call(large, isChunked));
      expect([answer.status, codeOf(answer)]).toEqual([413, 'too-large']);
    }
    expect((await callHttp(demo.port, '/api/sessions')).text).toBe('[]');
  });

  it('sessions, services and switches that do not exist', async () => {
    for (const [path, call, status] of [
      ['/api/sessions/nobody', {}, 404],
      ['/api/sessions/nobody/archive.zip', {}, 404],
      ['/api/sessions/..%2F..%2Fetc', {}, 400],
      ['/api/sessions/nobody/continue', post({}), 404],
      ['/api/sessions/nobody/release', post({}), 404],
      ['/api/events?session=..', {}, 400],
      ['/api/faults/toString', post({ down: true }), 404],
      ['/api/faults/hunyuan', post({ burning: true }), 400],
      ['/api/faults/hunyuan', post({ down: 'yes' }), 400],
      ['/api/nothing', {}, 404],
    ] as const) {
      const answer = await callHttp(demo.port, path, call);
      expect(answer.status, path).toBe(status);
      expect(answer.text, path).not.toMatch(/ at .*\.ts|\/tmp|node_modules/);
    }
  });
});

describe('a session', () => {
  let sessionId: string;
  let path: string;
  beforeAll(async () => {
    sessionId = await demo.create({ text: '雨夜的面馆', objects: [{ name: '../木凳', description: '' }] });
    path = `/api/sessions/${encodeURIComponent(sessionId)}`;
    await viewWhen(demo, sessionId, ({ running, missing }) => !running && missing === 0);
  });

  it('shows its pictures, and nothing else of its folder or the machine', async () => {
    const view = await demo.view(sessionId);
    for (const { url } of view.assets) {
      const answer = await callHttp(demo.port, url ?? '');
      expect([answer.status, answer.headers['content-type']], url ?? '').toEqual([200, 'image/png']);
    }
    for (const name of [
      'manifest.json',
      'scene.json',
      'session.html',
      'cards',
      'cards/',
      '.holodeck/store.sqlite',
      '../scene-ref.png',
      '..%2Fscene-ref.png',
      '%2e%2e/%2e%2e/%2e%2e/etc/passwd',
      'cards/..%2F..%2F..%2Fetc%2Fpasswd',
      'cards/..%2Fscene.png',
      'cards%5C..%5Cscene-ref.png',
      'cards/%00.png',
      'superseded/x/a.png',
    ]) {
      expect((await callHttp(demo.port, `${path}/files/${name}`)).status, name).toBe(404);
    }
  });

  it.each(['file', 'folder'])('follows no link of a %s out of its folder', async (kind) => {
    const folder = join(demo.outputDir, sessionId);
    const outside = await mkdtemp(join(tmpdir(), 'holodeck-outside-'));
    await copyFile(join(folder, 'scene-ref.png'), join(outside, 'secret.png'));
    if (kind === 'file') await symlink(join(outside, 'secret.png'), join(folder, 'cards', 'secret.png'));
    else await symlink(outside, join(folder, 'images'));
    const name = kind === 'file' ? 'cards/secret.png' : 'images/secret.png';
    expect((await callHttp(demo.port, `${path}/files/${name}`)).status).toBe(404);
    await rm(outside, { recursive: true });
  });

  it('says what is wrong in both languages', async () => {
    const answer = await callHttp(demo.port, '/api/sessions', post({ text: '' }));
    expect(JSON.parse(answer.text)).toMatchObject({
      error: { message: { en: '`text` is empty.', zh: '`text` 为空。' } },
    });
    const [report] = JSON.parse((await callHttp(demo.port, '/api/availability')).text) as AvailabilityView[];
    expect(report?.message.en).toMatch(/\w/);
    expect(report?.message.zh).toMatch(/\p{Script=Han}/u);
  });

  it('does not reveal its folder to a page', async () => {
    const { text } = await callHttp(demo.port, path);
    expect(text).not.toContain(demo.outputDir);
    expect((await callHttp(demo.port, '/api/availability')).text).not.toContain(demo.outputDir);
  });

  it('accepts a picture as reference up to a size, and refuses other files', async () => {
    const put = (body: string | Uint8Array, isChunked = false): HttpCall => ({ method: 'PUT', body, isChunked });
    const tooLarge = new Uint8Array(limits.upload + 1);
    for (const isChunked of [false, true]) {
      const answer = await callHttp(demo.port, `${path}/scene-reference`, put(tooLarge, isChunked));
      expect([answer.status, codeOf(answer)]).toEqual([413, 'too-large']);
    }
    const noPicture = await callHttp(demo.port, `${path}/scene-reference`, put('<svg onload="alert(1)"/>'));
    expect([noPicture.status, codeOf(noPicture)]).toEqual([400, 'invalid-request']);
    const view = await demo.view(sessionId);
    expect(view.assets[0]).toMatchObject({ state: 'current', imported: false });
    const own = await (await fetch(new URL(view.assets[0]?.url ?? '', demo.url))).bytes();
    expect((await callHttp(demo.port, `${path}/scene-reference`, put(own))).status).toBe(200);
    expect((await demo.view(sessionId)).assets[0]).toMatchObject({ state: 'current', imported: true });
  });

  it('cannot be started twice at once', async () => {
    await demo.fault('hunyuan', { slow: true });
    const [first, second] = [
      await callHttp(demo.port, `${path}/continue`, post({})),
      await callHttp(demo.port, `${path}/continue`, post({})),
    ];
    expect(first.status).toBe(202);
    expect([second.status, codeOf(second)]).toEqual([409, 'running']);
    expect((await callHttp(demo.port, `${path}/stop`, post({}))).status).toBe(202);
    expect((await demo.view(sessionId)).running).toBe(false);
  });
});

it('a retry of what has failed is taken while its run has not ended, and is paid for once', async () => {
  for (const backend of ['hunyuan', 'openai']) await demo.fault(backend, { down: true });
  const sessionId = await demo.create({ text: 'A loft', objects: [{ name: 'lamp', description: '' }] });
  await viewWhen(demo, sessionId, ({ running, missing }) => !running && missing === 0);
  const retry = async (): Promise<number> =>
    (await demo.post(`/api/sessions/${sessionId}/retry`, { assetId: 'card/lamp' })).status;
  await demo.fault('comfyui', { down: true });
  expect(await retry()).toBe(202);
  await viewWhen(demo, sessionId, ({ running, assets }) => !running && assets[1]?.error !== undefined);
  const paid = demo.ledgers()['comfyui']?.ledger.accepted ?? 0;
  // Jobs do not end while the service is paused.
  await demo.fault('comfyui', { down: false, limited: true });
  expect([await retry(), await retry()]).toEqual([202, 202]);
  await demo.fault('comfyui', { limited: false });
  const { assets } = await viewWhen(demo, sessionId, ({ running, missing }) => !running && missing === 0);
  expect(assets[1]).toMatchObject({ state: 'current' });
  expect(demo.ledgers()['comfyui']?.ledger.accepted).toBe(paid + 1);
});

it('finds things in texts by the emulators’ table, and has no scene to open with unless it was asked to', async () => {
  const find = (texts: unknown): ReturnType<typeof callHttp> => callHttp(demo.port, '/api/objects', post({ texts }));
  const found = JSON.parse((await find(['an old stool under a 灯笼', ''])).text) as { word: string; end: number }[][];
  expect(found.map((list) => list.map(({ word }) => word))).toEqual([['stool', '灯笼'], []]);
  expect(found[0]?.[0]).toMatchObject({ end: 12, heightMeters: 0.45 });
  for (const texts of ['stool', [1], Array.from({ length: limits.objects + 1 }, () => 'stool')])
    expect((await find(texts)).status, JSON.stringify(texts)).toBe(400);
  const config = JSON.parse((await callHttp(demo.port, '/api/config')).text) as { opening: unknown };
  expect(config.opening).toEqual({});
});
