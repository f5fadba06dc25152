import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startComfyUIEmulator } from '../src/index.ts';
import type { ComfyUIEmulator } from '../src/index.ts';
import { diffusionGraph, get, isEnd, Peer, post, trivialGraph } from './support/comfyui-peer.ts';
import { missingRecordings, recordedFile } from './support/comfyui-recordings.ts';

const missing = missingRecordings();
let emulator: ComfyUIEmulator;

beforeEach(async () => {
  emulator = await startComfyUIEmulator({ jobMs: 0, models: { checkpoints: ['tiny-random.safetensors'] } });
});

afterEach(async () => {
  expect(emulator.ledger.internalErrors).toEqual([]);
  await emulator.close();
});

const save = (images: unknown, more: Record<string, unknown> = { filename_prefix: 'e' }): unknown => ({
  class_type: 'SaveImage',
  inputs: { images, ...more },
});
const empty = (inputs: Record<string, unknown> = {}): unknown => ({
  class_type: 'EmptyImage',
  inputs: { width: 32, height: 32, batch_size: 1, color: 7, ...inputs },
});
const latent = { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } };
const change = (id: string, inputs: Record<string, unknown>): unknown => {
  const graph = diffusionGraph() as Record<string, { inputs: Record<string, unknown> }>;
  Object.assign(graph[id]!.inputs, inputs);
  return graph;
};
const key = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';

/** Bodies in the order in which the recorded answers came. */
const bodies: readonly unknown[] = [
  '{',
  '',
  '[]',
  {},
  { prompt: {} },
  { prompt: null },
  { prompt: 'text' },
  { prompt: trivialGraph() },
  { prompt: { '1': { class_type: 'NoSuchNode', inputs: {} } } },
  { prompt: { '1': { inputs: {} } } },
  { prompt: { '1': empty() } },
  { prompt: { '1': empty() } },
  { prompt: { '1': empty(), '2': save(['1', 0], {}) } },
  { prompt: { '1': empty({ width: 0, height: 'abc' }), '2': save(['1', 0]) } },
  { prompt: change('3', { sampler_name: 'nope' }) },
  { prompt: change('4', { ckpt_name: 'missing.safetensors' }) },
  { prompt: { '5': latent, '2': save(['5', 0]) } },
  { prompt: { '5': latent, '2': save(['5', 0, 1]) } },
  { prompt: { '2': save(['5', 0]) } },
  {
    prompt: {
      '1': { class_type: 'ImageInvert', inputs: { image: ['2', 0] } },
      '2': { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
      '3': save(['1', 0]),
    },
  },
  { prompt: { '1': { class_type: 'LoadImage', inputs: { image: 'nope.png' } }, '2': save(['1', 0]) } },
  { prompt: { ...trivialGraph('p'), '3': { class_type: 'SaveImage', inputs: { filename_prefix: 'q' } } } },
  { prompt: { ...trivialGraph('u'), '1': empty({ unknown: 1 }) } },
  { prompt: { '1': { class_type: 'SaveImage' } } },
  { prompt: trivialGraph(), prompt_id: 'not-a-uuid' },
  { prompt: trivialGraph(), prompt_id: key.toUpperCase() },
  { prompt: trivialGraph(), prompt_id: key },
  { prompt: trivialGraph(), prompt_id: key },
  { prompt: trivialGraph(), number: null },
  { prompt: trivialGraph(), number: '5.5' },
  { prompt: trivialGraph(), number: 'abc' },
];

/** What is Python's or depends on the counter is left out; a choice's tooltips are not the emulator's. */
function comparable(text: string): unknown {
  try {
    return JSON.parse(text, (name, value: unknown) => {
      if (['prompt_id', 'number', 'traceback'].includes(name)) return 'any';
      if (name === 'input_config' && Array.isArray(value)) return JSON.stringify(value[0]);
      return value;
    });
  } catch {
    return text.trim();
  }
}

describe.skipIf(missing !== undefined)('answers of POST /prompt against recordings of a real server', () => {
  const text = missing === undefined ? recordedFile('02-errors-and-validation.txt') : '';
  const recorded = [...text.matchAll(/^POST \/prompt -> (\d+) .*? :: ([^]*?)(?=^POST|^#|^GET|^\{)/gm)].slice(
    0,
    bodies.length,
  );

  it.each(bodies.map((body, index) => [JSON.stringify(body).slice(0, 80), body, index] as const))(
    '%s',
    async (_, body, index) => {
      emulator.set({ paused: true });
      const [, status, answer] = recorded[index]!;
      const own = await post(emulator.url, '/prompt', body);
      expect(own.status).toBe(Number(status));
      expect(comparable(own.text)).toEqual(comparable(answer!));
    },
  );
});

describe('HTTP of the ComfyUI emulator', () => {
  /** With headers that fetch does not let one set. */
  const raw = (path: string, headers: Record<string, string>, method = 'GET'): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = request(`${emulator.url}${path}`, { method, headers }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      });
      sent.once('error', reject);
      sent.end();
    });

  it('refuses other origins as the server does', async () => {
    const { host, port } = new URL(emulator.url);
    const statuses = await Promise.all([
      raw('/queue', { origin: 'http://evil.com' }),
      raw('/queue', { origin: emulator.url }),
      raw('/queue', { origin: `http://localhost:${port}` }),
      raw('/queue', { origin: 'http://127.0.0.1:3' }),
      raw('/queue', { origin: 'http://127.0.0.1' }),
      raw('/queue', { origin: 'null' }),
      raw('/queue', { host: 'evil.com', origin: 'http://evil2.com' }),
      raw('/queue', { 'sec-fetch-site': 'cross-site' }),
      raw('/queue', { 'sec-fetch-site': 'same-site', host }),
      raw('/prompt', { origin: 'http://evil.com' }, 'OPTIONS'),
      raw('/prompt', {}, 'OPTIONS'),
      raw('/ws', { connection: 'Upgrade', upgrade: 'websocket', origin: 'http://evil.com' }),
    ]);
    expect(statuses).toEqual([403, 200, 403, 403, 200, 200, 200, 403, 200, 403, 200, 403]);
  });

  it('answers odd paths, methods and sizes', async () => {
    expect(await get(emulator.url, '/nope')).toMatchObject({ status: 404, text: '' });
    expect(await raw('/prompt', {}, 'PUT')).toBe(405);
    expect((await get(emulator.url, '/api/prompt')).json).toEqual({ exec_info: { queue_remaining: 0 } });
    expect((await get(emulator.url, '/history/unknown')).text).toBe('{}');
    expect(await get(emulator.url, '/api/jobs/unknown')).toMatchObject({
      status: 404,
      json: { error: 'Job not found' },
    });
    expect((await get(emulator.url, '/jobs')).status).toBe(404);
    expect(await post(emulator.url, '/jobs/cancel', { job_ids: [key] })).toMatchObject({
      status: 405,
      text: '405: Method Not Allowed',
    });
    expect((await get(emulator.url, '/object_info/NoSuch')).text).toBe('{}');
    expect((await get(emulator.url, '/models/checkpoints')).text).toBe('["tiny-random.safetensors"]');
    expect((await get(emulator.url, '/history?max_items=abc')).status).toBe(500);
    emulator.set({ maxUploadBytes: 1000 });
    const large = await post(emulator.url, '/prompt', { prompt: trivialGraph(), x: 'y'.repeat(2000) });
    expect(large.status).toBe(413);
    expect(large.text).toMatch(/^Maximum request body size 1000 exceeded, actual body size \d+$/);
  });

  it('tells a block once, at the first node behind it, and everybody if the job has no client', async () => {
    const peer = await Peer.open(emulator.url, 'mine');
    const graph = {
      '1': empty(),
      '2': { class_type: 'TestBlock', inputs: { image: ['1', 0], message: 'not today' } },
      '3': { class_type: 'ImageInvert', inputs: { image: ['2', 0] } },
      '4': save(['3', 0]),
    };
    for (const client of [{ client_id: 'mine' }, {}]) {
      const from = peer.lines.length;
      await post(emulator.url, '/prompt', { prompt: graph, ...client });
      await peer.until((line) => line.includes('"queue_remaining":0'), from);
      const told = peer.since(from).filter((line) => line.startsWith('execution_error'));
      expect(told).toEqual([expect.stringContaining('"node_id":"3","node_type":"ImageInvert"')]);
    }
    await peer.close();
  });

  it('keeps what a job made before it failed', async () => {
    const peer = await Peer.open(emulator.url, 'mine');
    const graph = (fail: boolean): unknown => ({
      '1': empty({ color: 9 }),
      '2': { class_type: 'TestSleep', inputs: { image: ['1', 0], steps: 1, ms: 0, fail } },
      '3': save(['2', 0]),
    });
    await post(emulator.url, '/prompt', { prompt: graph(true), client_id: 'mine' });
    await peer.until(isEnd);
    const from = peer.lines.length;
    await post(emulator.url, '/prompt', { prompt: graph(false), client_id: 'mine' });
    await peer.until(isEnd, from);
    expect(peer.since(from).find((line) => line.startsWith('execution_cached'))).toContain('"nodes":["1"]');
    await peer.close();
  });

  it.each([
    ['a node that is not there', { '2': save(['9', 0]) }, '2', 'exception_during_validation', "'9'"],
    ['an id that is a number', { '1': empty(), '2': save([1, 0]) }, '2', 'exception_during_validation', '1'],
    [
      'an output that is not there',
      { '1': empty(), '2': save(['1', 1]) },
      '2',
      'exception_during_validation',
      'tuple index out of range',
    ],
    [
      'a node that is not there, further in',
      { '1': { class_type: 'ImageInvert', inputs: { image: ['9', 0] } }, '2': save(['1', 0]) },
      '1',
      'exception_during_inner_validation',
      "'9'",
    ],
  ])('refuses a link to %s', async (_, prompt, node, type, details) => {
    const { status, json } = await post(emulator.url, '/prompt', { prompt });
    expect([status, json]).toMatchObject([400, { node_errors: { [node]: { errors: [{ type, details }] } } }]);
  });

  it('finds a file by its last name alone, and no part beyond its end', async () => {
    const peer = await Peer.open(emulator.url, 'mine');
    await post(emulator.url, '/prompt', { prompt: { '1': empty(), '2': save(['1', 0]) }, client_id: 'mine' });
    await peer.until(isEnd);
    await peer.close();
    const view = async (query: string, range?: string): Promise<number> =>
      (await fetch(`${emulator.url}/view?${query}`, { headers: range === undefined ? {} : { range } })).status;
    expect(await view('filename=any/e_00001_.png')).toBe(200);
    expect(await view('filename=')).toBe(400);
    expect(await view('filename=e_00001_.png', 'bytes=999999-')).toBe(416);
    expect((await fetch(`${emulator.url}/interrupt`)).status).toBe(404);
  });

  it('lists pending jobs in heap order, runs the lowest number first, and deletes in silence', async () => {
    emulator.set({ paused: true });
    const peer = await Peer.open(emulator.url, 'cA');
    const submit = async (more: Record<string, unknown>): Promise<string> =>
      String(
        (await post(emulator.url, '/prompt', { prompt: trivialGraph(`n${Math.random()}`), client_id: 'cA', ...more }))
          .json['prompt_id'],
      );
    await post(emulator.url, '/prompt', {});
    const second = await submit({});
    const front = await submit({ front: true });
    const explicit = await submit({ number: -1000 });
    const queue = (await get(emulator.url, '/queue')).json['queue_pending'] as [number, string][];
    expect(queue.map(([number, id]) => [number, id])).toEqual([
      [-1000, explicit],
      [1, second],
      [-2, front],
    ]);
    await post(emulator.url, '/queue', { delete: [second, 'unknown'] });
    expect((await get(emulator.url, `/api/jobs/${second}`)).status).toBe(404);
    const from = peer.lines.length;
    emulator.set({ paused: false });
    await peer.until((line) => line.includes('"queue_remaining":0'), from);
    await peer.until((line) => isEnd(line) && peer.lines.filter(isEnd).length === 2, from);
    const order = [...emulator.ledger.entries].map(({ id, state }) => [id, state]);
    expect(order).toEqual([
      [second, 'cancelled'],
      [front, 'succeeded'],
      [explicit, 'succeeded'],
    ]);
    await peer.close();
  });

  it('takes uploads under names of its own choosing', async () => {
    const upload = async (content: string, name: string, more: Record<string, string> = {}): Promise<unknown> => {
      const form = new FormData();
      form.set('image', new Blob([content]), name);
      for (const [field, value] of Object.entries(more)) form.set(field, value);
      const response = await fetch(`${emulator.url}/upload/image`, { method: 'POST', body: form });
      return response.status === 200 ? await response.json() : response.status;
    };
    expect(await upload('one', 'a.png')).toEqual({ name: 'a.png', subfolder: '', type: 'input' });
    expect(await upload('one', 'a.png')).toEqual({ name: 'a.png', subfolder: '', type: 'input' });
    expect(await upload('two', 'a.png')).toEqual({ name: 'a (1).png', subfolder: '', type: 'input' });
    expect(await upload('two', 'a.png', { overwrite: 'true' })).toEqual({
      name: 'a.png',
      subfolder: '',
      type: 'input',
    });
    expect(await upload('one', 'a.png', { subfolder: 'sub/dir' })).toEqual({
      name: 'a.png',
      subfolder: 'sub/dir',
      type: 'input',
    });
    expect(await upload('one', 'a.png', { type: 'bogus' })).toBe(500);
    expect(await upload('one', 'a.png', { subfolder: '../evil' })).toBe(400);
    const view = await fetch(`${emulator.url}/view?filename=a.png&type=input&subfolder=sub/dir`, {
      headers: { range: 'bytes=1-' },
    });
    expect([view.status, await view.text()]).toEqual([206, 'ne']);
    const status = async (query: string): Promise<number> => (await get(emulator.url, `/view?${query}`)).status;
    expect(
      await Promise.all(
        [
          'filename=no.png',
          '',
          'filename=a.png&type=bogus',
          'filename=../a.png',
          'filename=a.png&subfolder=../..&type=input',
        ].map(status),
      ),
    ).toEqual([404, 404, 400, 400, 403]);
  });

  it('forgets a client id when its older socket closes, unless the setting says otherwise', async () => {
    for (const clientIdBug of [true, false]) {
      emulator.set({ clientIdBug });
      const older = await Peer.open(emulator.url, 'dup');
      const newer = await Peer.open(emulator.url, 'dup');
      await older.close();
      const from = newer.lines.length;
      const { json } = await post(emulator.url, '/prompt', {
        prompt: trivialGraph(`bug ${clientIdBug}`),
        client_id: 'dup',
      });
      if (clientIdBug) {
        while ((await get(emulator.url, `/history/${String(json['prompt_id'])}`)).text === '{}');
        await newer.ping();
        expect(newer.since(from)).toEqual([]);
      } else {
        await newer.until(isEnd, from);
      }
      await newer.close();
    }
  });

  it('paints pictures of as many bytes as requested, plain ones too', async () => {
    emulator.set({ imageBytes: 100_000 });
    const peer = await Peer.open(emulator.url, 'cA');
    await post(emulator.url, '/prompt', { prompt: trivialGraph('large'), client_id: 'cA' });
    await peer.until(isEnd);
    const answer = await fetch(`${emulator.url}/view?filename=large_00001_.png`);
    expect((await answer.arrayBuffer()).byteLength).toBe(100_000);
  });

  it('outlives those who are refused a WebSocket and reset the connection', async () => {
    for (const path of ['/nowhere', '//', '/ws']) {
      const socket = connect(emulator.port, '127.0.0.1');
      const foreign = 'Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n';
      const head = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${emulator.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${foreign}`;
      await new Promise<void>((resolve) => socket.once('connect', resolve));
      socket.write(`${head}\r\n`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(String(answer)).toMatch(/^HTTP\/1.1 40[34]/);
      socket.resetAndDestroy();
    }
    expect((await get(emulator.url, '/queue')).status).toBe(200);
    while ((await emulator.openConnections()) > 1) await new Promise((resolve) => setImmediate(resolve));
  });

  it('loses everything but output files when it restarts', async () => {
    const peer = await Peer.open(emulator.url, 'cA');
    await post(emulator.url, '/prompt', { prompt: trivialGraph('kept'), client_id: 'cA' });
    await peer.until(isEnd);
    const closed = peer.closed();
    emulator.restart();
    await closed;
    expect((await get(emulator.url, '/history')).text).toBe('{}');
    expect((await get(emulator.url, '/view?filename=kept_00001_.png')).status).toBe(200);
    expect((await post(emulator.url, '/prompt', { prompt: trivialGraph('again') })).json['number']).toBe(0);
  });

  it('strikes with the faults that it is given, and takes them over HTTP', async () => {
    const changed = await post(emulator.url, '/__control', {
      faults: [{ kind: 'reset-after-accept', operation: 'submit', nth: 1 }],
      settings: { paused: true },
    });
    expect(changed.status).toBe(200);
    await expect(post(emulator.url, '/prompt', { prompt: trivialGraph() })).rejects.toThrow('fetch failed');
    expect(emulator.ledger).toMatchObject({ accepted: 1, faults: { 'reset-after-accept': 1 } });
    expect((await post(emulator.url, '/__control', { settings: { jobMs: 'soon' } })).status).toBe(400);
  });
});
