import { readdir } from 'node:fs/promises';
import { isLegalOutcome } from '@holodeck/core/backend';
import { paintPng, startOpenAIEmulator } from '@holodeck/emulators';
import type { OpenAIEmulator, OpenAIFaultKind } from '@holodeck/emulators';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOpenAIBackend } from '../src/index.ts';
import type { OpenAIBackend } from '../src/index.ts';
import { errorOf, rawServer, reference, request, temporaryFolder, testContext, testKey } from './support.ts';

let emulator: OpenAIEmulator;
beforeAll(async () => {
  emulator = await startOpenAIEmulator({ imageMs: 0, apiKey: testKey });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

function backendAt(baseURL: string = emulator.baseURL): OpenAIBackend {
  return createOpenAIBackend({ apiKey: testKey, baseURL });
}

/** Makes one call and returns its error; checks that nothing is left on disk and no secret is shown. */
async function failure(backend: OpenAIBackend, fields: Parameters<typeof request>[0] = {}): ReturnType<typeof errorOf> {
  const spoolDirectory = await temporaryFolder();
  const error = await errorOf(backend.submit(request(fields), testContext(backend, { spoolDirectory })));
  expect(isLegalOutcome(error.kind, error.outcome)).toBe(true);
  expect(await readdir(spoolDirectory)).toEqual([]);
  expect(error.backend).toBe('openai');
  expect(JSON.stringify(error)).not.toContain(testKey);
  return error;
}

describe('refusals of the service', () => {
  it.each([
    ['moderation_blocked', 400, 'content-policy', 'rejected', false],
    ['invalid_value', 400, 'invalid-request', 'rejected', false],
    ['invalid_image_file', 400, 'invalid-request', 'rejected', false],
    ['invalid_input_fidelity_model', 400, 'invalid-request', 'rejected', false],
    ['unknown_parameter', 400, 'invalid-request', 'rejected', false],
    ['unsupported_file_mimetype', 400, 'invalid-request', 'rejected', false],
    ['invalid_type', 400, 'invalid-request', 'rejected', false],
    ['invalid_api_key', 401, 'auth', 'rejected', false],
    ['organization_not_verified', 403, 'auth', 'rejected', false],
    ['model_not_found', 404, 'invalid-request', 'rejected', false],
    ['rate_limit_exceeded', 429, 'rate-limit', 'rejected', true],
    ['slow_down', 429, 'rate-limit', 'rejected', true],
    ['credit_balance_exhausted', 429, 'quota', 'rejected', false],
    ['organization_spend_limit_exceeded', 429, 'quota', 'rejected', false],
    ['project_spend_limit_exceeded', 429, 'quota', 'rejected', false],
    ['organization_usage_limit_exceeded', 429, 'quota', 'rejected', false],
    ['insufficient_quota', 429, 'quota', 'rejected', false],
    ['billing_hard_limit_reached', 400, 'quota', 'rejected', false],
    ['server_error', 500, 'job-failed', 'failed', true],
    ['server_is_overloaded', 503, 'unavailable', 'rejected', true],
  ] as const)('%s (%i): %s, %s', async (code, _status, kind, outcome, retryable) => {
    emulator.setFaults([{ kind: 'refuse', code, headers: { 'retry-after': '3' } }]);
    const error = await failure(backendAt());
    expect(error).toMatchObject({ kind, outcome, retryable });
    expect(error.retryAfterMs).toBe(kind === 'quota' ? undefined : 3000);
    expect(error.requestId).toMatch(/^req_/);
    expect(emulator.ledger.submissions).toBe(1);
  });

  it('distinguishes a withheld picture from a refused prompt', async () => {
    expect(await failure(backendAt(), { prompt: 'a __illegal__ thing' })).toMatchObject({
      kind: 'content-policy',
      outcome: 'rejected',
    });
    const withheld = { prompt: 'a __illegal_output__ thing' };
    const expected = { kind: 'content-policy', outcome: 'failed', retryable: false, code: 'moderation_blocked' };
    expect(await failure(backendAt(), withheld)).toMatchObject(expected);
    const streamed = { ...withheld, providerOptions: { partialImages: 0 } };
    expect(await failure(backendAt(), streamed)).toMatchObject(expected);
  });

  it('says which model was retired and which key is wrong', async () => {
    const retired = createOpenAIBackend({ apiKey: testKey, baseURL: emulator.baseURL, model: 'gpt-image-1' });
    const error = await failure(retired);
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'rejected', code: 'model_not_found' });
    expect(error.message).toContain('gpt-image-1');
    const wrong = createOpenAIBackend({ apiKey: 'sk-wrong-key-000000000000', baseURL: emulator.baseURL });
    expect(await failure(wrong)).toMatchObject({ kind: 'auth', outcome: 'rejected' });
  });
});

describe('a success without an image', () => {
  it.each([
    ['wrong-content', {}, 'bad-response', 'lost'],
    ['empty-list', {}, 'bad-response', 'lost'],
    ['empty-body', {}, 'bad-response', 'lost'],
    ['truncate', {}, 'bad-response', 'lost'],
    ['error-in-success', {}, 'bad-response', 'lost'],
    ['error-in-success', { code: 'credit_balance_exhausted' }, 'quota', 'rejected'],
    ['error-in-success', { code: 'rate_limit_exceeded' }, 'rate-limit', 'rejected'],
    ['error-in-success', { code: 'moderation_blocked' }, 'content-policy', 'rejected'],
  ] as const)('%s %j: %s, %s', async (kind, details, expected, outcome) => {
    emulator.setFaults([{ kind: kind as OpenAIFaultKind, ...details }]);
    expect(await failure(backendAt())).toMatchObject({ kind: expected, outcome });
    expect(emulator.ledger.submissions).toBe(1);
  });

  it.each([
    ['no-completed-event', 'bad-response', 'lost'],
    ['reset-in-stream', 'bad-response', 'lost'],
    ['truncate', 'bad-response', 'lost'],
    ['error-event', 'job-failed', 'failed'],
    ['empty-body', 'bad-response', 'lost'],
  ] as const)('of a stream: %s: %s, %s', async (kind, expected, outcome) => {
    const also = kind === 'empty-body' ? [{ kind: 'json-instead-of-stream' as const }] : [];
    emulator.setFaults(
      kind === 'empty-body' ? [{ kind: 'wrong-content', body: '', accepted: true }, ...also] : [{ kind }],
    );
    const error = await failure(backendAt(), { providerOptions: { partialImages: 1 } });
    expect(error).toMatchObject({ kind: expected, outcome });
    expect(emulator.ledger.submissions).toBe(1);
  });

  it.each(['not-an-image', 'broken-base64'] as const)('%s is found when it is collected', async (kind) => {
    emulator.setFaults([{ kind }]);
    const backend = backendAt();
    const context = testContext(backend, { spoolDirectory: await temporaryFolder() });
    const handle = await backend.submit(request(), context);
    expect(await errorOf(backend.collect(handle, context))).toMatchObject({ kind: 'bad-response', outcome: 'lost' });
    expect(context.images.get(0)?.state).toBe('aborted');
  });

  it('keeps the good images of an answer with a bad one', async () => {
    emulator.setFaults([{ kind: 'not-an-image', times: 1 }]);
    const good = paintPng({ width: 32, height: 32, prompt: 'x', seed: 1 }).toString('base64');
    const { baseURL } = await rawServer((_incoming, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ created: 1, data: [{ b64_json: good }, { b64_json: 'AAAA' }, { b64_json: good }] }),
      );
    });
    const backend = backendAt(baseURL);
    const context = testContext(backend);
    const result = await backend.collect(await backend.submit(request({ count: 3 }), context), context);
    expect(result.images.map(({ index }) => index)).toEqual([0, 2]);
    expect(result.warnings).toHaveLength(1);
  });

  it.each([
    ['is cut', (response: ServerResponse) => response.socket?.destroy()],
    ['just ends', (response: ServerResponse) => response.end()],
  ])('keeps the images that an answer brought before it %s', async (_how, end) => {
    const image = paintPng({ width: 32, height: 32, prompt: 'x', seed: 1 });
    const whole = JSON.stringify({ created: 1, data: [{ b64_json: image.toString('base64') }, { b64_json: 'iVBO' }] });
    const { baseURL, calls } = await rawServer((_incoming, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(whole.slice(0, -5), () => void end(response));
    });
    const backend = backendAt(baseURL);
    const context = testContext(backend, { spoolDirectory: await temporaryFolder() });
    const result = await backend.collect(await backend.submit(request({ count: 2 }), context), context);
    expect(result.images.map(({ index }) => index)).toEqual([0]);
    expect(Buffer.concat(context.images.get(0)?.chunks ?? [])).toEqual(image);
    expect(result.warnings).toMatchObject([{ message: expect.stringContaining('broke off') as string }]);
    expect(calls()).toBe(1);
  });

  it.each([
    ['is cut', (response: ServerResponse) => response.socket?.resetAndDestroy()],
    ['stays open', () => undefined],
  ])('keeps the image of a stream that %s in the blank line after its last event', async (_how, end) => {
    const image = paintPng({ width: 32, height: 32, prompt: 'x', seed: 1 });
    const event = { type: 'image_generation.completed', b64_json: image.toString('base64'), created_at: 1 };
    const { baseURL, calls } = await rawServer((_incoming, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n`, () => setImmediate(() => end(response)));
    });
    const backend = backendAt(baseURL);
    const context = testContext(backend, { spoolDirectory: await temporaryFolder() });
    const handle = await backend.submit(request({ providerOptions: { partialImages: 0 } }), context);
    await backend.collect(handle, context);
    expect(Buffer.concat(context.images.get(0)?.chunks ?? [])).toEqual(image);
    expect(calls()).toBe(1);
  });

  it('does not wait for the rest of a body whose image is whole', async () => {
    const image = paintPng({ width: 32, height: 32, prompt: 'x', seed: 1 }).toString('base64');
    const { baseURL } = await rawServer((_incoming, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(JSON.stringify({ created: 1, data: [{ b64_json: image }] }));
    });
    const backend = backendAt(baseURL);
    const context = testContext(backend);
    await backend.collect(await backend.submit(request(), context), context);
    expect(context.images.get(0)?.state).toBe('closed');
  });
});

describe('whether it was paid', () => {
  it.each([408, 502, 504, 520, 522, 524, 500])('after a foreign %i the outcome is unknown', async (status) => {
    emulator.setFaults([{ kind: 'http-status', status }]);
    expect(await failure(backendAt())).toMatchObject({ outcome: 'unknown', retryable: false });
    expect(emulator.ledger.submissions).toBe(1);
  });

  it.each([
    [429, 'rate-limit', true],
    [503, 'unavailable', true],
    [413, 'invalid-request', false],
    [302, 'invalid-request', false],
  ] as const)('a foreign %i is a refusal', async (status, kind, retryable) => {
    emulator.setFaults([{ kind: 'http-status', status, headers: { location: 'http://127.0.0.1:9/' } }]);
    expect(await failure(backendAt())).toMatchObject({ kind, outcome: 'rejected', retryable });
  });

  it.each([400, 401, 403, 404, 422])(
    'after a page with %i the outcome is unknown: it may not be the service’s',
    async (status) => {
      const { baseURL } = await rawServer((_incoming, response) =>
        response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
      );
      expect(await failure(backendAt(baseURL))).toMatchObject({ kind: 'unavailable', outcome: 'unknown' });
    },
  );

  it('a bare 404 is a refusal: there is no such route', async () => {
    const { baseURL } = await rawServer((_incoming, response) => response.writeHead(404).end());
    expect(await failure(backendAt(baseURL))).toMatchObject({ kind: 'invalid-request', outcome: 'rejected' });
  });

  it.each(['reset-before-accept', 'reset-after-accept'] as const)(
    '%s leaves it unknown, after one call',
    async (kind) => {
      emulator.setFaults([{ kind }]);
      expect(await failure(backendAt())).toMatchObject({ kind: 'unavailable', outcome: 'unknown', retryable: false });
      expect(emulator.ledger.submissions).toBe(1);
    },
  );

  it('knows that nothing was sent if nothing listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => void server.close(() => resolve()));
    const error = await failure(backendAt(`http://127.0.0.1:${port}/v1`));
    expect(error).toMatchObject({ kind: 'unavailable', outcome: 'not-submitted', retryable: true });
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('is unknown if aborted while sending, and not submitted if aborted before', async () => {
    const abort = new AbortController();
    const { baseURL, calls } = await rawServer(() => abort.abort());
    const backend = backendAt(baseURL);
    const late = await errorOf(backend.submit(request(), testContext(backend, { signal: abort.signal })));
    expect(late).toMatchObject({ kind: 'aborted', outcome: 'unknown' });
    const early = await errorOf(backend.submit(request(), testContext(backend, { signal: AbortSignal.abort() })));
    expect(early).toMatchObject({ kind: 'aborted', outcome: 'not-submitted' });
    expect(calls()).toBe(1);
  });

  it('is unknown after an abort during the answer', async () => {
    const abort = new AbortController();
    emulator.setFaults([{ kind: 'stall-body' }]);
    const backend = backendAt();
    const context = testContext(backend, {
      signal: abort.signal,
      onProgress: ({ type }) => {
        if (type === 'downloading') abort.abort(new DOMException('too late', 'TimeoutError'));
      },
    });
    expect(await errorOf(backend.submit(request(), context))).toMatchObject({ kind: 'timeout', outcome: 'unknown' });
  });

  it('sends nothing if the answer could not be stored', async () => {
    const backend = backendAt();
    const context = testContext(backend, { spoolDirectory: '/dev/null/spool' });
    const error = await errorOf(backend.submit(request(), context));
    expect(error).toMatchObject({ kind: 'storage', outcome: 'not-submitted' });
    expect(emulator.ledger.submissions).toBe(0);
  });
});

describe('before anything is sent', () => {
  it.each([
    [{ output_compression: 3 }, {}, /output_compression is unknown/],
    [{ quality: 'ultra' }, {}, /quality/],
    [{ quality: 'xhigh' }, {}, /quality/],
    [{ compression: 101 }, { format: 'webp' }, /compression/],
    [{ compression: 10 }, { format: 'png' }, /compression/],
    [{ partialImages: 4 }, {}, /partialImages/],
    [{ partialImages: 1 }, { count: 2 }, /partialImages/],
    [{ inputFidelity: 'high' }, {}, /inputFidelity needs a reference/],
    [{ mask: 'mask.png' }, {}, /mask needs a reference/],
    [{ size: '1024x1024' }, {}, /size/],
    [{ extraBody: { prompt: 'other' } }, {}, /extraBody/],
    [{}, { background: 'transparent', format: 'jpeg' }, /transparent/],
  ] as const)('%j %j is refused', async (providerOptions, fields, message) => {
    const error = await failure(backendAt(), { ...fields, providerOptions });
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted' });
    expect(error.message).toMatch(message);
    expect(emulator.ledger.submissions).toBe(0);
  });
});

it('warns about a size that the service will probably refuse, and sends it', async () => {
  const warnings: string[] = [];
  const backend = backendAt();
  const context = testContext(backend, { onWarning: ({ feature }) => void warnings.push(String(feature)) });
  const error = await errorOf(backend.submit(request({ size: { width: 512, height: 512 } }), context));
  expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'rejected', code: 'invalid_value' });
  expect(error.message).toContain('(parameter size)');
  expect(warnings).toEqual(['size']);
});

describe('how the answer arrives', () => {
  const picture = paintPng({ width: 64, height: 64, prompt: 'x', seed: 1, bytes: 1_000_000 });
  const body = Buffer.from(JSON.stringify({ created: 1, data: [{ b64_json: picture.toString('base64') }] }));

  async function collects(backend: OpenAIBackend): Promise<void> {
    const context = testContext(backend, { spoolDirectory: await temporaryFolder() });
    await backend.collect(await backend.submit(request(), context), context);
    expect(Buffer.concat(context.images.get(0)?.chunks ?? []).equals(picture)).toBe(true);
  }

  it('survives a server that closes the connection before the body is read', async () => {
    const { baseURL } = await rawServer((_incoming, response) => {
      response.writeHead(200, { connection: 'close', 'content-length': String(body.length) });
      response.end(body);
    });
    for (let round = 0; round < 5; round += 1) await collects(backendAt(baseURL));
  });

  // The best compression of Brotli takes seconds.
  const brotli = (bytes: Buffer): Buffer =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotli],
  ] as const)('reads an answer in %s although it did not ask for compression', async (encoding, encode) => {
    const { baseURL } = await rawServer((_incoming, response) => {
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(encode(body));
    });
    await collects(backendAt(baseURL));
  });

  it('notices that a compressed answer broke off', async () => {
    const { baseURL } = await rawServer((_incoming, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(body).subarray(0, 100_000));
    });
    expect(await failure(backendAt(baseURL))).toMatchObject({ kind: 'bad-response', outcome: 'lost' });
  });

  it('stops reading an answer that is too long', async () => {
    const { baseURL } = await rawServer((_incoming, response) => response.writeHead(200).end(body));
    const backend = createOpenAIBackend({ apiKey: testKey, baseURL, maxAnswerBytes: 1_000_000 });
    expect(await failure(backend)).toMatchObject({ kind: 'bad-response', outcome: 'lost' });
  });

  it('uses a given fetch, for edits too, and only once', async () => {
    let calls = 0;
    const fetch: typeof globalThis.fetch = async (input, init) => {
      calls += 1;
      return await globalThis.fetch(input, init);
    };
    const backend = createOpenAIBackend({ apiKey: testKey, baseURL: emulator.baseURL, network: { fetch } });
    const context = testContext(backend);
    const small = paintPng({ width: 64, height: 64, prompt: 'x', seed: 1 });
    const handle = await backend.submit(request({ references: [reference(small)] }), context);
    await backend.collect(handle, context);
    expect(calls).toBe(1);
    expect(emulator.requests[0]?.pictures).toHaveLength(1);
  });
});
