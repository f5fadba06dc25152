import { Readable } from 'node:stream';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createOpenAIBackend, createOpenAIClient } from '@holodeck/openai';
import { paintPng } from '@holodeck/emulators';
import { expect, it } from 'vitest';
import { errorOf, rawServer, request, testContext, testKey } from './support.ts';

const megabyte = Buffer.alloc(2 ** 20, ' ');

function* endless(): Generator<Buffer> {
  for (;;) yield megabyte;
}

/** Sends a compressed body, or megabytes until the client goes away. `gone`: the connection has ended. */
async function hugeAnswers(
  status: number,
  compressed: { readonly encoding: string; readonly body: Buffer } | undefined,
): Promise<{ readonly baseURL: string; readonly gone: Promise<void> }> {
  let end: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { baseURL } = await rawServer((_request, response) => {
    response.on('close', end);
    response.writeHead(status, compressed && { 'content-encoding': compressed.encoding });
    if (compressed !== undefined) response.end(compressed.body);
    else Readable.from(endless()).pipe(response);
  });
  return { baseURL, gone };
}

it.each([
  ['endless', undefined],
  ['64 MB long, compressed', { encoding: 'gzip', body: gzipSync(Buffer.alloc(2 ** 26)) }],
])('a refusal that is %s is not read to its end, and is not the service’s own', async (_name, compressed) => {
  const { baseURL, gone } = await hugeAnswers(400, compressed);
  const backend = createOpenAIBackend({ apiKey: testKey, baseURL });
  const error = await errorOf(backend.submit(request(), testContext(backend)));
  expect(error).toMatchObject({ kind: 'unavailable', outcome: 'unknown' });
  expect(error.message.length).toBeLessThan(1000);
  await gone;
});

it.each([
  ['endless', undefined],
  ['64 MB long, compressed', { encoding: 'br', body: brotliCompressSync(Buffer.alloc(2 ** 26, ' ')) }],
])('a list of models that is %s is not read to its end', async (_name, compressed) => {
  const { baseURL, gone } = await hugeAnswers(200, compressed);
  const backend = createOpenAIBackend({ profile: 'compatible', baseURL });
  const report = await backend.probe({ signal: new AbortController().signal });
  expect(report).toMatchObject({ status: 'down', errorKind: 'bad-response' });
  await backend.close();
  await gone;
});

it.each(['-1', 'soon', 'soon 5', '-Infinity'])('a refusal with Retry-After: %s is still a refusal', async (value) => {
  const { baseURL, calls } = await rawServer((_request, response) => {
    response.writeHead(429, { 'retry-after': value });
    response.end(JSON.stringify({ error: { message: 'Slow down.', code: 'slow_down' } }));
  });
  const backend = createOpenAIBackend({ apiKey: testKey, baseURL });
  const error = await errorOf(backend.submit(request(), testContext(backend)));
  expect(error).toMatchObject({ kind: 'rate-limit', outcome: 'rejected', retryable: true, retryAfterMs: undefined });
  expect(calls()).toBe(1);
});

it('blanks a key that the server repeats', async () => {
  const { baseURL } = await rawServer((_request, response) => {
    response.writeHead(400, { 'x-request-id': `req-${testKey}` });
    response.end(JSON.stringify({ error: { message: `Wrong: ${testKey}`, code: testKey, param: testKey } }));
  });
  const client = createOpenAIClient({ apiKey: testKey, baseURL });
  const result = await client.generate({ prompt: 'x' });
  await client.close();
  expect(result).toMatchObject({ success: false, error: { code: '***', requestId: 'req-***' } });
  expect(JSON.stringify(result)).not.toContain(testKey);
});

it('takes no more pictures than were asked for, and says how many came', async () => {
  const picture = paintPng({ width: 64, height: 64, prompt: 'x', seed: 1 });
  for (const item of [{ b64_json: picture.toString('base64') }, { url: '/a.png' }]) {
    const data = Array.from({ length: 300 }, () => item);
    const { baseURL, calls } = await rawServer((incoming, response) =>
      response.end(incoming.method === 'GET' ? picture : JSON.stringify({ created: 1, data })),
    );
    const client = createOpenAIClient({ apiKey: testKey, baseURL });
    const result = await client.generate({ prompt: 'x', size: '1024x1024' });
    expect(result.success && result.images).toHaveLength(1);
    const more = result.warnings.filter(({ code }) => code === 'more-images');
    expect(more).toMatchObject([{ params: { kept: 1, got: 300 } }]);
    expect(calls()).toBe('url' in item ? 2 : 1);
    await client.close();
  }
});
