import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createComfyUIClient } from '@holodeck/comfyui';
import { describe, expect, it } from 'vitest';
import { createCertificate } from '../../core/test/network/local-certificate.ts';
import { failure, generate, imageRequest, startJob } from './support/harness.ts';
import { accept, backendFor, idOf, picture, serverWith, useRawServers, view } from './support/raw-backend.ts';
import { plainGraph } from './support/graphs.ts';
import { finishedHistory, json, text } from './support/raw-server.ts';
import type { RawServer, Route } from './support/raw-server.ts';

useRawServers();
const stats = json({ system: { comfyui_version: '0.33.0' }, devices: [] });
const emptyQueue = json({ queue_running: [], queue_pending: [] });

describe('a proxy that redirects', () => {
  const login = text('', 302, { location: 'https://login.example/oauth?next=secret' });
  const moved = text('', 301, { location: 'https://gpu.example/prompt' });

  it('to a login page leaves the outcome unknown, and the error says where it leads', async () => {
    const server = await serverWith({ routes: { 'POST /prompt': login, 'GET /system_stats': login } });
    const backend = backendFor(server.url);
    const error = await failure(backend.submit(imageRequest(), startJob(backend).context));
    expect(error).toMatchObject({ kind: 'bad-response', outcome: 'unknown', code: 'http-302' });
    expect(error.message).toMatch(/redirects POST \/prompt to https:\/\/login\.example\/oauth \(HTTP 302\).*`headers`/);
    const report = await backend.probe({ signal: new AbortController().signal });
    expect(report).toMatchObject({ status: 'down', remedy: expect.stringContaining('`headers`') });
    expect(report.message).toContain('redirects to https://login.example/oauth');
    expect(JSON.stringify([error, report])).not.toContain('secret');
  });

  it('permanently leaves the outcome unknown too, and the server says whether it has the job', async () => {
    let known: readonly string[] = [];
    const server = await serverWith({
      routes: {
        'POST /prompt': moved,
        'GET /system_stats': stats,
        'GET /api/jobs/*': json({ error: 'Job not found' }, 404),
        'GET /queue': (request, response) =>
          json({ queue_running: [], queue_pending: known.map((id) => [0, id, {}, {}, []]) })(request, response),
        'GET /history/*': json({}),
      },
    });
    const backend = backendFor(server.url);
    const { context } = startJob(backend);
    expect(await failure(backend.submit(imageRequest(), context))).toMatchObject({
      kind: 'bad-response',
      outcome: 'unknown',
      retryable: true,
      message: expect.stringContaining('to https://gpu.example/prompt (HTTP 301)'),
    });
    expect(await backend.locate!(context.key, context)).toBe('absent');
    known = [context.key];
    expect(await backend.locate!(context.key, context)).toBe('found');
  });

  it('after it forwarded the job still leads to one job only', async () => {
    const posted: string[] = [];
    const server = await serverWith({
      webSocket: false,
      routes: {
        'POST /prompt': (request, response) => {
          posted.push(idOf(request.body));
          return moved(request, response);
        },
        'GET /system_stats': stats,
        'GET /queue': emptyQueue,
        'GET /history/*': (request, response) =>
          json(finishedHistory(request.path.split('/').at(-1)!))(request, response),
        'GET /view': view,
      },
    });
    const client = createComfyUIClient({ url: server.url, workflow: plainGraph(), internal: { locateIntervalMs: 1 } });
    try {
      expect(await client.generate({ prompt: 'a lamp', size: '64x64' })).toMatchObject({ success: true });
    } finally {
      await client.close();
    }
    expect(posted).toHaveLength(1);
  });
});

describe('a server that restarts behind a proxy', () => {
  const away: Route = text('<html>502 Bad Gateway</html>', 502);

  it('is asked again until it is back and says whether a submission arrived', async () => {
    const answers = [away, away, away];
    const orElse =
      (route: Route): Route =>
      (request, response) =>
        (answers.shift() ?? route)(request, response);
    const server = await serverWith({
      routes: {
        'POST /prompt': away,
        'GET /system_stats': orElse(stats),
        'GET /api/jobs/*': json({ error: 'Job not found' }, 404),
        'GET /queue': emptyQueue,
        'GET /history/*': json({}),
      },
    });
    const backend = backendFor(server.url);
    const job = startJob(backend);
    expect(await failure(backend.submit(imageRequest(), job.context))).toMatchObject({ outcome: 'unknown' });
    expect(await backend.locate!(job.context.key, job.context)).toBe('absent');
    expect(answers).toEqual([]);
  });

  it('is given up after a while, or at once if the caller aborts', async () => {
    const server: RawServer = await serverWith({
      routes: {
        'GET /system_stats': (request, response) => {
          if (server.requests.length === 6) job.abort.abort(new Error('enough'));
          return away(request, response);
        },
      },
    });
    const backend = backendFor(server.url, { internal: { locateIntervalMs: 1 } });
    const job = startJob(backend);
    const locate = (): Promise<unknown> => backend.locate!(job.context.key, job.context);
    expect(await failure(locate())).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('HTTP 502'),
    });
    expect(server.requests).toHaveLength(4);
    expect(await failure(locate())).toMatchObject({ kind: 'aborted' });
    expect(server.requests).toHaveLength(6);
  });
});

describe('an address whose TLS fails', () => {
  it('because of an untrusted certificate says how to trust it', async () => {
    const { key, certificate } = createCertificate(['127.0.0.1']);
    const server = createServer({ key, cert: certificate }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const backend = backendFor(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const remedy = expect.stringContaining('NODE_EXTRA_CA_CERTS');
    const error = await failure(backend.submit(imageRequest(), startJob(backend).context));
    expect(error).toMatchObject({ kind: 'unavailable', outcome: 'not-submitted', message: remedy });
    expect(await backend.probe({ signal: new AbortController().signal })).toMatchObject({ status: 'down', remedy });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('because the server has no TLS says to try http', async () => {
    const server = await serverWith({ routes: {} });
    const backend = backendFor(server.url.replace('http:', 'https:'));
    const remedy = expect.stringContaining('http instead of https');
    const error = await failure(backend.submit(imageRequest(), startJob(backend).context));
    expect(error).toMatchObject({ kind: 'unavailable', outcome: 'not-submitted', message: remedy });
    expect(await backend.probe({ signal: new AbortController().signal })).toMatchObject({ status: 'down', remedy });
  });
});

it('unreadable node errors do not hide that the job was accepted', async () => {
  const errors = { '9': null, '8': { errors: [null], dependent_outputs: null }, '7': 'odd', '6': { errors: {} } };
  const server = await serverWith({
    routes: {
      'POST /prompt': (request, response) =>
        json({ prompt_id: idOf(request.body), number: 0, node_errors: errors })(request, response),
    },
  });
  const backend = backendFor(server.url);
  const job = startJob(backend);
  expect(await backend.submit(imageRequest(), job.context)).toMatchObject({ jobId: job.context.key });
});

it('asks for a node with a slash in its name in a way that every proxy accepts', async () => {
  const workflow = { ...plainGraph(), '7': { class_type: 'KSampler //Inspire', inputs: {} } };
  const info = (name: string): unknown => ({ [name]: { input: { required: {} }, output: [] } });
  const all = ['EmptyImage', 'SaveImage', 'KSampler //Inspire'].map(info);
  const server = await serverWith({
    routes: {
      'GET /system_stats': stats,
      'GET /object_info': json(Object.assign({}, ...all)),
    },
  });
  expect(await backendFor(server.url, { workflow }).probe({ signal: new AbortController().signal })).toMatchObject({
    status: 'ready',
  });
});

it('does not interrupt a running job on a server of unknown version, which might stop any job', async () => {
  let id = '';
  const server = await serverWith({
    routes: {
      'POST /prompt': (request, response) => {
        id = idOf(request.body);
        return accept(request, response);
      },
      'GET /system_stats': json({ system: { os: 'posix' }, devices: [] }),
      'POST /queue': text('', 200),
      'POST /interrupt': text('', 200),
      'GET /queue': (request, response) =>
        json({ queue_running: [[0, id, {}, {}, []]], queue_pending: [] })(request, response),
    },
  });
  const backend = backendFor(server.url);
  const job = startJob(backend);
  const handle = await backend.submit(imageRequest(), job.context);
  expect(await failure(backend.cancel!(handle, job.context))).toMatchObject({
    outcome: 'accepted',
    message: expect.stringContaining('unknown version'),
  });
  expect(server.requests.filter(({ path }) => path === '/interrupt')).toEqual([]);
});

it('a named result node that expanded into others while it ran yields their images', async () => {
  const outputs = {
    '2.0.0.1': { images: [{ filename: 'a.png', subfolder: '', type: 'output' }] },
    '20': { images: [{ filename: 'other.png', subfolder: '', type: 'output' }] },
  };
  const server: RawServer = await serverWith({
    webSocket: false,
    routes: {
      'POST /prompt': accept,
      'GET /queue': emptyQueue,
      'GET /history/*': (request, response) =>
        json(finishedHistory(request.path.split('/').at(-1)!, outputs))(request, response),
      'GET /view': view,
    },
  });
  const done = await generate(backendFor(server.url, { binding: { outputs: '2' } }));
  expect([...done.images.values()]).toEqual([picture]);
  expect(server.requests.at(-1)?.path).toContain('filename=a.png');
});
