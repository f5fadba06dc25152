import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { paintPng } from '@holodeck/emulators';
import { afterEach, describe, expect, it } from 'vitest';
import { createBackend, failure, generate, imageRequest, startJob } from './support/harness.ts';
import { plainGraph } from './support/graphs.ts';
import { finishedHistory, json, pictureFrame, startRawServer, text } from './support/raw-server.ts';
import type { ComfyUIOptions } from '@holodeck/comfyui';
import type { ImageBackend } from '@holodeck/core';
import type { RawServer, RawServerOptions, Route } from './support/raw-server.ts';

const picture = paintPng({ width: 16, height: 16, prompt: 'x', seed: 1 });
const servers: RawServer[] = [];
const backends: ImageBackend[] = [];

afterEach(async () => {
  await Promise.all(backends.splice(0).map((backend) => backend.close()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serverWith(options: RawServerOptions): Promise<RawServer> {
  const server = await startRawServer(options);
  servers.push(server);
  return server;
}

function backendFor(url: string, options: ComfyUIOptions = {}): ImageBackend {
  const backend = createBackend({ url, workflow: plainGraph(), ...options });
  backends.push(backend);
  return backend;
}

const idOf = (body: string): string => (JSON.parse(body) as { prompt_id: string }).prompt_id;
const accept: Route = (request, response) =>
  json({ prompt_id: idOf(request.body), number: 0, node_errors: {} })(request, response);
const view: Route = (_request, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(picture);
const history: Route = (request, response) => json(finishedHistory(request.path.split('/').at(-1)!))(request, response);
const status = JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: 0 } } } });

describe('odd but possible servers', () => {
  it('a job that is over before its POST is answered', async () => {
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          const prompt_id = idOf(request.body);
          for (const type of ['execution_start', 'execution_success'])
            server.sockets[0]!.send(JSON.stringify({ type, data: { prompt_id } }));
          // Answered only once the client has seen the end: a ping's answer comes after all that was sent before it.
          server.sockets[0]!.send(JSON.stringify({ type: 'executing', data: { node: null, prompt_id } }), () => {
            server.sockets[0]!.once('pong', () => void accept(request, response));
            server.sockets[0]!.ping();
          });
        },
        'GET /history/*': history,
        'GET /view': view,
      },
    });
    const done = await generate(backendFor(server.url));
    expect(done.images.get(0)).toEqual(picture);
    expect(server.requests.map(({ path }) => path.replace(/[0-9a-f-]{36}/, 'ID').replace(/\?.*/, ''))).toEqual([
      '/prompt',
      '/history/ID',
      '/view',
    ]);
  });

  it('a history that is still empty when the end is told', async () => {
    let asked = 0;
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          server.sockets[0]!.send(
            JSON.stringify({ type: 'executing', data: { node: null, prompt_id: idOf(request.body) } }),
          );
          return accept(request, response);
        },
        'GET /history/*': (request, response) => {
          asked += 1;
          return asked < 4 ? json({})(request, response) : history(request, response);
        },
        'GET /view': view,
      },
    });
    const done = await generate(backendFor(server.url));
    expect(done.images.size).toBe(1);
    expect(asked).toBe(4);
    expect(server.requests.filter(({ path }) => path.startsWith('/api/jobs'))).toEqual([]);
  });

  it('a history that is written long after the end was told', async () => {
    let looks = 0;
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          server.sockets[0]!.send(
            JSON.stringify({ type: 'execution_success', data: { prompt_id: idOf(request.body), timestamp: 1 } }),
          );
          return accept(request, response);
        },
        'GET /api/jobs/*': (request, response) => {
          looks += 1;
          const id = request.path.split('/').at(-1)!;
          const outputs = { '2': { images: [{ filename: 'a.png', subfolder: '', type: 'output' }] } };
          return json(looks === 1 ? { id, status: 'in_progress' } : { id, status: 'completed', outputs })(
            request,
            response,
          );
        },
        'GET /history/*': json({}),
        'GET /view': view,
      },
    });
    const done = await generate(
      backendFor(server.url, { internal: { backstopMs: 120_000, statusTimeoutMs: 120_000 } }),
    );
    expect(done.images.get(0)).toEqual(picture);
    expect(looks).toBe(2);
  });

  it('answers and events with numbers that are no JSON, as of nodes that always run again', async () => {
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          const prompt_id = idOf(request.body);
          const progress = `{"type":"progress","data":{"value":1,"max":2,"eta":-Infinity,"prompt_id":"${prompt_id}","node":"2"}}`;
          server.sockets[0]!.send(progress);
          server.sockets[0]!.send(JSON.stringify({ type: 'executing', data: { node: null, prompt_id } }));
          return accept(request, response);
        },
        'GET /history/*': (request, response) => {
          const record = JSON.stringify(finishedHistory(request.path.split('/').at(-1)!));
          const odd = record.replace('"outputs":', '"odd":[NaN, -Infinity,"\\"NaN"],"outputs":');
          return void response.writeHead(200, { 'content-type': 'application/json' }).end(odd);
        },
        'GET /view': view,
      },
    });
    const done = await generate(backendFor(server.url, { internal: { backstopMs: 120_000 } }));
    expect(done.images.get(0)).toEqual(picture);
  });

  it.each([null, undefined, { completed: true }])('a record whose status is %j', async (told) => {
    const server: RawServer = await serverWith({
      webSocket: false,
      routes: {
        'POST /prompt': accept,
        'GET /queue': json({ queue_running: [], queue_pending: [] }),
        'GET /history/*': (request, response) => {
          const outputs = { '2': { images: [{ filename: 'a.png', subfolder: '', type: 'output' }] } };
          return json({ [request.path.split('/').at(-1)!]: { outputs, status: told } })(request, response);
        },
        'GET /view': view,
      },
    });
    expect((await generate(backendFor(server.url))).images.get(0)).toEqual(picture);
  });

  it('jobs routes that a proxy answers with a fault', async () => {
    const server = await serverWith({
      webSocket: false,
      routes: {
        'POST /prompt': accept,
        'GET /api/jobs/*': (_request, response) => void response.writeHead(502).end('<html>Bad gateway</html>'),
        'GET /queue': json({ queue_running: [], queue_pending: [] }),
        'GET /history/*': history,
        'GET /view': view,
      },
    });
    expect((await generate(backendFor(server.url))).images.get(0)).toEqual(picture);
  });

  it('no WebSocket at all, as behind some proxies', async () => {
    let asked = 0;
    const server = await serverWith({
      webSocket: false,
      routes: {
        'POST /prompt': accept,
        'GET /api/jobs/*': (request, response) => {
          asked += 1;
          const id = request.path.split('/').at(-1)!;
          const job =
            asked === 1
              ? { id, status: 'in_progress' }
              : {
                  id,
                  status: 'completed',
                  outputs: finishedOutputs,
                  execution_status: { status_str: 'success', messages: [] },
                };
          return json(job)(request, response);
        },
        'GET /view': view,
      },
    });
    const finishedOutputs = {
      '2': { images: [{ filename: 'a.png', subfolder: 'd', type: 'output' }], animated: [false] },
    };
    const done = await generate(backendFor(server.url));
    expect(done.images.get(0)).toEqual(picture);
    expect(server.requests.at(-1)?.path).toBe('/view?filename=a.png&subfolder=d&type=output');
  });

  it('a socket that answers no ping is replaced, and only after it is closed', async () => {
    const server: RawServer = await serverWith({
      autoPong: false,
      onSocket: (socket) => {
        if (server.sockets.length === 2) {
          expect(server.sockets[0]!.readyState).not.toBe(socket.OPEN);
          for (const { body } of server.requests)
            socket.send(JSON.stringify({ type: 'executing', data: { node: null, prompt_id: idOf(body) } }));
        }
      },
      routes: {
        'POST /prompt': (request, response) => (server.sockets[0]!.send(status), accept(request, response)),
        'GET /history/*': history,
        'GET /view': view,
      },
    });
    const done = await generate(backendFor(server.url, { internal: { pingIntervalMs: 40, backstopMs: 60_000 } }));
    expect(done.images.size).toBe(1);
    await server.socketsOpened(2);
    const clients = server.upgrades.map(({ path }) => new URL(path, 'http://x').searchParams.get('clientId'));
    expect(new Set(clients).size).toBe(1);
  });

  it('pictures without metadata belong to the node that runs, and to nobody when none of ours does', async () => {
    const other = paintPng({ width: 8, height: 8, prompt: 'foreign', seed: 2 });
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': async (request, response) => {
          const prompt_id = idOf(request.body);
          const socket = server.sockets[0]!;
          const send = (type: string, data: unknown): void => socket.send(JSON.stringify({ type, data }));
          socket.send(pictureFrame(other, 2));
          send('executing', { node: '1', prompt_id });
          socket.send(pictureFrame(other, 2));
          send('executing', { node: '2', prompt_id });
          socket.send(pictureFrame(picture, 2));
          socket.send(Buffer.from([0, 0, 0, 3, 0, 0, 0, 1, 50, 104, 105]));
          socket.send(Buffer.from([0, 0, 0, 9]));
          socket.send('not json');
          send('crystools.monitor', { cpu: 3 });
          send('executing', { node: null, prompt_id });
          socket.send(pictureFrame(other, 2));
          await accept(request, response);
        },
        'GET /history/*': (request, response) =>
          json(finishedHistory(request.path.split('/').at(-1)!, {}))(request, response),
      },
    });
    const workflow = { ...plainGraph(), '2': { class_type: 'SaveImageWebsocket', inputs: { images: ['1', 0] } } };
    const done = await generate(backendFor(server.url, { workflow }));
    expect([...done.images.values()]).toEqual([picture]);
  });

  it('a server that gives ids of its own', async () => {
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          setImmediate(() =>
            server.sockets[0]!.send(JSON.stringify({ type: 'executing', data: { node: null, prompt_id: 'own-id' } })),
          );
          return json({ prompt_id: 'own-id', number: 1, node_errors: {} })(request, response);
        },
        'GET /queue': json({ queue_running: [], queue_pending: [] }),
        'GET /history/*': history,
        'GET /view': view,
      },
    });
    const done = await generate(backendFor(server.url));
    expect(done.handle.jobId).toBe('own-id');
    expect(done.images.size).toBe(1);
  });
});

describe('what is sent', () => {
  it('a server that gives ids of its own, and is done before it tells them', async () => {
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          server.sockets[0]!.send(
            JSON.stringify({ type: 'executing', data: { node: null, prompt_id: 'own-id' } }),
            () => {
              server.sockets[0]!.once('pong', () => {
                void json({ prompt_id: 'own-id', number: 0, node_errors: {} })(request, response);
              });
              server.sockets[0]!.ping();
            },
          );
        },
        'GET /queue': json({ queue_running: [], queue_pending: [] }),
        'GET /history/*': history,
        'GET /view': view,
      },
    });
    const done = await generate(
      backendFor(server.url, { internal: { backstopMs: 120_000, statusTimeoutMs: 120_000 } }),
    );
    expect(done.images.get(0)).toEqual(picture);
  });

  it('keeps the path prefix and the headers everywhere, and never says an origin', async () => {
    const server: RawServer = await serverWith({
      prefix: '/gpu/one',
      routes: {
        'POST /prompt': (request, response) => {
          setImmediate(() =>
            server.sockets[0]!.send(
              JSON.stringify({ type: 'executing', data: { node: null, prompt_id: idOf(request.body) } }),
            ),
          );
          return accept(request, response);
        },
        'GET /history/*': history,
        'GET /view': view,
        'GET /api/jobs/*': json({ error: 'Job not found' }, 404),
        'GET /queue': json({ queue_running: [], queue_pending: [] }),
      },
    });
    const backend = backendFor(server.url, { headers: { 'X-Api-Key': 'secret-key' } });
    await generate(backend);
    await expect(backend.locate!('0b9f7b0e-0000-4000-8000-000000000000', startJob(backend).context)).rejects.toThrow();
    const all = [...server.requests, ...server.upgrades];
    expect(all.every(({ path }) => path.startsWith('/gpu/one/'))).toBe(true);
    expect(all.every(({ headers }) => headers['x-api-key'] === 'secret-key')).toBe(true);
    expect(all.filter(({ headers }) => 'origin' in headers || headers['sec-fetch-site'] === 'cross-site')).toEqual([]);
    const { prompt_id, client_id } = JSON.parse(server.requests[0]!.body) as Record<string, string>;
    expect(server.upgrades[0]!.path).toBe(`/gpu/one/ws?clientId=${client_id}`);
    expect(prompt_id).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('takes headers to this server only: a redirected download goes without them', async () => {
    const elsewhere = await serverWith({ routes: { 'GET /signed': view } });
    const server: RawServer = await serverWith({
      routes: {
        'POST /prompt': (request, response) => {
          setImmediate(() =>
            server.sockets[0]!.send(
              JSON.stringify({ type: 'executing', data: { node: null, prompt_id: idOf(request.body) } }),
            ),
          );
          return accept(request, response);
        },
        'GET /history/*': history,
        'GET /view': text('', 302, { location: `${elsewhere.url}/signed` }),
      },
    });
    const done = await generate(backendFor(server.url, { headers: { authorization: 'Bearer secret' } }));
    expect(done.images.size).toBe(1);
    expect(elsewhere.requests[0]!.headers['authorization']).toBeUndefined();
  });
});

describe('answers to POST /prompt', () => {
  const secret = 'top-secret';
  it.each([
    ['HTML with 200', text('<html>', 200), { kind: 'bad-response', outcome: 'unknown' }],
    ['JSON of something else', json({ hello: 1 }), { kind: 'bad-response', outcome: 'unknown' }],
    [
      '500 in plain text',
      text('500 Internal Server Error', 500),
      { kind: 'unavailable', outcome: 'unknown', retryable: true },
    ],
    ['502 of a proxy', text('<html>', 502), { kind: 'unavailable', outcome: 'unknown' }],
    ['401', text('', 401), { kind: 'auth', outcome: 'rejected' }],
    ['402', text('', 402), { kind: 'quota', outcome: 'rejected' }],
    ['403 without a body', text('', 403), { kind: 'auth', outcome: 'rejected' }],
    ['404', text('', 404), { kind: 'unavailable', outcome: 'not-submitted', retryable: false }],
    ['413', text('Maximum request body size', 413), { kind: 'invalid-request', outcome: 'rejected' }],
    [
      '429 with Retry-After',
      text('', 429, { 'retry-after': '7' }),
      { kind: 'rate-limit', outcome: 'rejected', retryAfterMs: 7000 },
    ],
    ['a redirect', text('', 302, { location: 'http://127.0.0.1:1/' }), { kind: 'bad-response', outcome: 'unknown' }],
    [
      'no reason',
      json(
        {
          error: { type: 'prompt_no_outputs', message: 'Prompt has no outputs', details: '', extra_info: {} },
          node_errors: {},
        },
        400,
      ),
      { kind: 'invalid-request', outcome: 'rejected', code: 'prompt_no_outputs' },
    ],
    [
      'a reset',
      ((_request, response) => void response.socket?.resetAndDestroy()) satisfies Route,
      { kind: 'unavailable', outcome: 'unknown' },
    ],
  ])('%s', async (_, route, expected) => {
    const server = await serverWith({ routes: { 'POST /prompt': route } });
    const backend = backendFor(server.url, { headers: { authorization: `Bearer ${secret}` } });
    const error = await failure(backend.submit(imageRequest(), startJob(backend).context));
    expect(error).toMatchObject({ ...expected, backend: 'comfyui' });
    expect(JSON.stringify(error)).not.toContain(secret);
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('nothing, because nobody listens', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const backend = backendFor(`http://127.0.0.1:${port}`);
    expect(await failure(backend.submit(imageRequest(), startJob(backend).context))).toMatchObject({
      kind: 'unavailable',
      outcome: 'not-submitted',
      retryable: true,
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(await backend.probe({ signal: AbortSignal.timeout(5000) })).toMatchObject({
      status: 'down',
      errorKind: 'unavailable',
      remedy: expect.stringContaining('Start ComfyUI'),
    });
  });
});

describe('probing', () => {
  const stats = (version: string): Route => json({ system: { comfyui_version: version }, devices: [] });
  it.each([
    [
      'something that is no ComfyUI',
      { 'GET /system_stats': text('<html>', 200) },
      { status: 'down', errorKind: 'unavailable', message: expect.stringContaining('is not ComfyUI') },
    ],
    ['a proxy that wants a key', { 'GET /system_stats': text('', 401) }, { status: 'down', errorKind: 'auth' }],
    [
      'a version that is too old',
      { 'GET /system_stats': stats('0.3.40') },
      { status: 'down', errorKind: 'unsupported', remedy: expect.stringContaining('0.3.45') },
    ],
    [
      'missing nodes',
      { 'GET /system_stats': stats('0.33.0'), 'GET /object_info/*': json({}) },
      { status: 'down', message: expect.stringContaining('the node EmptyImage is not installed') },
    ],
    [
      'an odd answer',
      { 'GET /system_stats': stats('0.33.0'), 'GET /object_info/*': text('', 500) },
      { status: 'unknown', errorKind: 'bad-response' },
    ],
  ])('reports %s', async (_, routes, expected) => {
    const server = await serverWith({ routes: routes as unknown as Record<string, Route> });
    expect(await backendFor(server.url).probe({ signal: AbortSignal.timeout(5000) })).toMatchObject(expected);
    expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('throws only when it is aborted', async () => {
    const server = await serverWith({ routes: { 'GET /system_stats': () => undefined } });
    const aborted = new AbortController();
    const report = backendFor(server.url).probe({ signal: aborted.signal });
    aborted.abort(new Error('enough'));
    await expect(report).rejects.toThrow('enough');
  });
});
