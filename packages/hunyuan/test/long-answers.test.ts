import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backendAt, failure, handleOf, request, TestContext } from './harness.ts';
import { RawServer } from './raw-server.ts';
import type { Answer } from './raw-server.ts';

/** A query and a submission whose answer has a gigabyte: what is read of it, and what it costs. */
const program = `
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { createGzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { createHunyuanBackend } from '@holodeck/hunyuan';
const [api, encoding] = process.argv.slice(1);
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
const endpoint = 'http://127.0.0.1:' + server.address().port;
const credentials = api === 'tokenhub' ? { apiKey: 'sk-not-a-real-key' } : { secretId: 'AKIDTESTTESTTEST', secretKey: 'not-a-real-secret-key' };
const backend = createHunyuanBackend({ ...credentials, endpoint, api });
const lane = backend.lanes[0];
const context = { key: randomUUID(), lane, signal: new AbortController().signal, nextPoll: async () => {} };
const request = { prompt: 'x', size: { width: 1024, height: 1024 }, references: [], count: 1, providerOptions: {} };
const handle = { version: 1, backend: 'hunyuan', lane: lane.id, credential: lane.id.split('/')[2], jobId: 'job', key: context.key, acceptedAtMs: 0 };
const say = ({ kind, outcome, messageId, params }) => kind + ' ' + outcome + ' ' + JSON.stringify(params).includes('too-long');
const before = process.resourceUsage().maxRSS;
const errors = [];
for (const ask of [() => backend.submit(request, context), () => backend.collect(handle, context)]) errors.push(await ask().then(() => 'no error', say));
const grownMiB = (process.resourceUsage().maxRSS - before) / 1024;
await backend.close();
server.closeAllConnections();
process.stdout.write(JSON.stringify({ errors, grownMiB, made }), () => process.exit());
`;

async function run(api: string, encoding: string): Promise<{ errors: string[]; grownMiB: number; made: number }> {
  const child = spawn(
    process.execPath,
    ['--conditions=@holodeck/source', '--input-type=module', '--eval', program, api, encoding],
    { cwd: resolve(import.meta.dirname, '..'), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  expect(await once(child, 'close')).toEqual([0, null]);
  return JSON.parse(text) as Awaited<ReturnType<typeof run>>;
}

describe('an answer of a gigabyte', () => {
  it.each([
    ['image-3.0', 'plain'],
    ['image-3.0', 'gzip'],
    ['2023-09-01', 'gzip'],
    ['tokenhub', 'plain'],
    ['tokenhub', 'gzip'],
  ])('is given up after 1 MiB (%s, %s)', async (api, encoding) => {
    const { errors, grownMiB, made } = await run(api, encoding);
    expect(errors).toEqual(['bad-response unknown true', 'bad-response accepted true']);
    // Read whole, it would take a gigabyte; a few buffers on the way are all that is left of it.
    expect(grownMiB).toBeLessThan(200);
    // Compressed, a megabyte on the wire holds all of it, so only the plain one shows that reading ended.
    if (encoding === 'plain') expect(made).toBeLessThan(512);
  });
});

it('the deadline ends an answer that never does', async () => {
  const dripping: Answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 5);
    response.on('close', () => clearInterval(timer));
  };
  await using server = await RawServer.start(dripping);
  for (const api of ['image-3.0', 'tokenhub'] as const) {
    const backend = backendAt(server.url, { api, apiKey: 'sk-not-a-real-key', requestTimeoutMs: 2000 });
    const context = new TestContext(backend);
    expect(await failure(backend.submit(request(), context))).toMatchObject({ kind: 'timeout', outcome: 'unknown' });
    const error = await failure(backend.collect(handleOf(backend), context));
    expect(error).toMatchObject({ kind: 'timeout', outcome: 'accepted' });
    await backend.close();
  }
});
