import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JobWatch } from '../src/job/job-watch.ts';
import { plainGraph } from './support/graphs.ts';
import { generate, startJob } from './support/harness.ts';
import { accept, backendFor, history, idOf, picture, serverWith, useRawServers, view } from './support/raw-backend.ts';
import { finishedHistory, json } from './support/raw-server.ts';
import type { ImageWarning } from '@holodeck/core';
import type { RawServer } from './support/raw-server.ts';

useRawServers();

/** A probe and a submission with answers of a gigabyte: how much is read, and how much memory it takes. */
const program = `
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { createGzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { createComfyUIBackend } from '@holodeck/comfyui';
const [encoding, graph] = process.argv.slice(1);
const chunk = Buffer.alloc(1024 * 1024, ' ');
let made = 0;
const gigabyte = async function* () {
  for (made = 0; made < 1024; made += 1) yield chunk;
};
const server = createServer((_request, response) => {
  response.on('error', () => {});
  response.writeHead(200, { 'content-type': 'application/json', ...(encoding === 'gzip' ? { 'content-encoding': 'gzip' } : {}) });
  const body = Readable.from(gigabyte());
  const sent = encoding === 'gzip' ? body.pipe(createGzip({ level: 1 })) : body;
  sent.on('error', () => {}).pipe(response);
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const backend = createComfyUIBackend({ url: 'http://127.0.0.1:' + server.address().port, workflow: JSON.parse(graph) });
const context = { key: randomUUID(), lane: backend.lanes[0], signal: new AbortController().signal, nextPoll: async () => {} };
const request = { prompt: 'x', size: { width: 1024, height: 1024 }, references: [], count: 1, providerOptions: {} };
const before = process.resourceUsage().maxRSS;
const started = performance.now();
const submitted = await backend.submit(request, context).then(() => 'no error', ({ kind, outcome }) => kind + ' ' + outcome);
const { status } = await backend.probe({ signal: context.signal });
const elapsedMs = Math.round(performance.now() - started);
const grownMiB = (process.resourceUsage().maxRSS - before) / 1024;
await backend.close();
server.closeAllConnections();
process.stdout.write(JSON.stringify({ submitted, status, grownMiB, made, elapsedMs }), () => process.exit());
`;

describe('an answer of a gigabyte', () => {
  it.each(['plain', 'gzip'])('is given up after a few megabytes (%s)', async (encoding) => {
    const child = spawn(
      process.execPath,
      [
        '--conditions=@holodeck/source',
        '--input-type=module',
        '--eval',
        program,
        encoding,
        JSON.stringify(plainGraph()),
      ],
      { cwd: resolve(import.meta.dirname, '..'), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    expect(await once(child, 'close')).toEqual([0, null]);
    const { submitted, status, grownMiB, made } = JSON.parse(text) as Record<string, number | string>;
    expect({ submitted, status }).toEqual({ submitted: 'unavailable unknown', status: 'down' });
    expect(grownMiB).toBeLessThan(300);
    // Compressed, a megabyte on the wire holds all of it, so only the plain one shows that reading ended.
    if (encoding === 'plain') expect(made).toBeLessThan(512);
  });
});

it('a message that is too large for a picture closes the socket, and the job is polled', async () => {
  const server: RawServer = await serverWith({
    routes: {
      'POST /prompt': (request, response) => {
        const { promise, resolve: closed } = Promise.withResolvers<void>();
        server.sockets[0]!.once('close', () => closed());
        server.sockets[0]!.send(Buffer.alloc(64 * 1024 * 1024 + 1));
        return promise.then(() => accept(request, response));
      },
      'GET /queue': (_request, response) => void response.end('{"queue_running":[],"queue_pending":[]}'),
      'GET /history/*': history,
      'GET /view': view,
    },
  });
  const done = await generate(backendFor(server.url));
  expect(done.images.get(0)).toEqual(picture);
  expect(idOf(server.requests[0]!.body)).toBeDefined();
});

it("keeps pictures from a job's socket only within a memory bound", () => {
  const graph = { 9: { class_type: 'SaveImageWebsocket', inputs: {} } };
  const watch = new JobWatch('id', graph);
  for (let index = 0; index < 1000; index += 1)
    watch.picture({ bytes: Uint8Array.of(index), mediaType: 'image/png' }, '9');
  expect(watch.frames.get('9')?.length).toBe(256);
  const error = { exception_type: 'ExecutionBlocked', exception_message: 'blocked' };
  for (let index = 0; index < 1000; index += 1) watch.event('execution_error', error);
  expect(watch.blocked.length).toBe(100);
});

it('takes only the requested number of pictures from each result node; one warning names the rest', async () => {
  const images = Array.from({ length: 300 }, () => ({ filename: 'a.png', subfolder: '', type: 'output' }));
  const server = await serverWith({
    routes: {
      'POST /prompt': accept,
      'GET /queue': (_request, response) => void response.end('{"queue_running":[],"queue_pending":[]}'),
      'GET /history/*': (request, response) =>
        json(finishedHistory(request.path.split('/').at(-1)!, { 2: { images }, 3: { images } }))(request, response),
      'GET /view': view,
    },
  });
  const backend = backendFor(server.url);
  const warnings: ImageWarning[] = [];
  const job = startJob(backend);
  const context = { ...job.context, imageCount: 1, onWarning: (warning: ImageWarning) => void warnings.push(warning) };
  const { result } = await generate(backend, {}, { ...job, context });
  expect(result.images).toHaveLength(2);
  expect(warnings).toMatchObject([{ code: 'more-images', params: { kept: 2, got: 600 } }]);
});
