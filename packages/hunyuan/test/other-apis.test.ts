import { startHunyuanEmulator } from '@holodeck/emulators';
import type { HunyuanEmulator, HunyuanEmulatorOptions } from '@holodeck/emulators';
import { describe, expect, it } from 'vitest';
import { createHunyuanBackend, createHunyuanClient } from '../src/index.ts';
import type { HunyuanBackend, HunyuanClientOptions, HunyuanOptions } from '../src/index.ts';
import {
  backendAt,
  failure,
  handleOf,
  referenceOf,
  request,
  secretId,
  secretKey,
  solid,
  TestContext,
} from './harness.ts';
import { bare, ok, RawServer, refusal, reset } from './raw-server.ts';
import type { Answer } from './raw-server.ts';

interface Running extends AsyncDisposable {
  readonly emulator: HunyuanEmulator;
  readonly client: ReturnType<typeof createHunyuanClient>;
}

async function start(own: HunyuanClientOptions, options: HunyuanEmulatorOptions = {}): Promise<Running> {
  const emulator = await startHunyuanEmulator({ jobMs: 30, submitRate: 'off', queryRate: 'off', ...options });
  const { apiKey, ...pair } = emulator.credentials;
  const credentials = own.api === 'tokenhub' ? { apiKey } : pair;
  const client = createHunyuanClient({ ...credentials, endpoint: emulator.url, retryBaseMs: 1, retryMaxMs: 2, ...own });
  return {
    emulator,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await emulator.close();
    },
  };
}

describe('API 2023-09-01', () => {
  const legacy = (url: string, options: HunyuanOptions = {}): HunyuanBackend =>
    backendAt(url, { api: '2023-09-01', ...options });

  it('has its own fields, signed for its own host', async () => {
    await using server = await RawServer.start(ok({ JobId: 'job-1' }));
    const backend = legacy(server.url);
    const reference = await referenceOf(await solid(64, 64, '#fff'));
    await backend.submit(
      request({ negativePrompt: '人', seed: 3, count: 4, providerOptions: { style: 'shuimo', clarity: 'x2' } }),
      new TestContext(backend),
    );
    await backend.submit(request({ references: [reference] }), new TestContext(backend));
    const [plain, pictured] = server.requests;
    expect(plain?.headers.host).toBe('hunyuan.tencentcloudapi.com');
    expect(plain?.headers).toMatchObject({ 'x-tc-action': 'SubmitHunyuanImageJob', 'x-tc-version': '2023-09-01' });
    expect(plain?.headers.authorization).toContain('/hunyuan/tc3_request');
    expect(plain?.json).toEqual({
      Prompt: '雨中竹林',
      NegativePrompt: '人',
      Style: 'shuimo',
      Resolution: '1024:1024',
      Num: 4,
      Clarity: 'x2',
      Seed: 3,
      LogoAdd: 0,
      Revise: 0,
    });
    expect(pictured?.json).toMatchObject({
      ContentImage: { ImageBase64: Buffer.from(await reference.read()).toString('base64') },
      Revise: 1,
    });
    await backend.close();
  });

  const refused: readonly (readonly [string, Parameters<typeof request>[0], RegExp])[] = [
    ['an unknown style', { providerOptions: { style: 'baroque' } }, /style is "baroque"/],
    ['a long prompt', { prompt: 'x'.repeat(1025) }, /at most 1024/],
    ['an unknown enlargement', { providerOptions: { clarity: 'x8' } }, /x2, x4/],
  ];
  it.each(refused)('refuses %s before anything is sent', async (_name, changes, message) => {
    await using server = await RawServer.start(ok({ JobId: 'job-1' }));
    const backend = legacy(server.url);
    const error = await failure(backend.submit(request(changes), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted' });
    expect(error.message).toMatch(message);
    expect(server.connections).toBe(0);
    await backend.close();
  });

  it('refuses what a reference picture rules out', async () => {
    const backend = legacy('http://127.0.0.1:9');
    const references = [await referenceOf(await solid(64, 64, '#fff'))];
    const wide = await failure(
      backend.submit(request({ references, size: { width: 1280, height: 720 } }), new TestContext(backend)),
    );
    expect(wide.message).toMatch(/size must be one of 768x768/);
    const seeded = await failure(backend.submit(request({ references, seed: 1 }), new TestContext(backend)));
    expect(seeded.message).toMatch(/voids a seed/);
    await backend.close();
  });

  it('brings several pictures of one job, with a warning that it is to end', async () => {
    await using running = await start({ api: '2023-09-01' });
    const result = await running.client.generate({ prompt: '竹林', negativePrompt: '人', count: 3, size: '768x1024' });
    expect(result).toMatchObject({ success: true, warnings: [{ code: 'deprecated' }] });
    if (result.success) expect(result.images).toHaveLength(3);
    expect(await running.client.probe()).toMatchObject({
      status: 'ready',
      message: expect.stringMatching(/ended 2026-09-30.*image-3\.0/) as string,
    });
  });

  it('recognises that it has ended, and says what to use', async () => {
    for (const retiredCode of ['ResourceUnavailable.NotExist', 'ActionOffline', 'InvalidAction']) {
      await using running = await start({ api: '2023-09-01' }, { retired: ['2023-09-01'], retiredCode });
      const report = await running.client.probe();
      expect(report).toMatchObject({
        status: 'down',
        remedy: expect.stringContaining('HUNYUAN_API=image-3.0') as string,
      });
      const { backend } = running.client;
      const context = new TestContext(backend as HunyuanBackend);
      const error = await failure(backend.submit(request(), context));
      expect(error).toMatchObject({ outcome: 'rejected', retryable: false, code: retiredCode });
      expect(error.message).toContain('image-3.0');
    }
  });
});

describe('TokenHub', () => {
  const apiKey = 'sk-not-a-real-key';
  const hub = (endpoint: string, options: HunyuanOptions = {}): HunyuanBackend =>
    createHunyuanBackend({ apiKey, endpoint, ...options });
  const own = (status: number, error: Record<string, unknown>, headers: Record<string, string> = {}): Answer =>
    bare(status, JSON.stringify({ error: { request_id: 'r-1', message: 'text', ...error } }), headers);
  const behind = (status: number, seen: unknown): Answer =>
    own(status, { type: 'upstream_error', upstream_code: 'FailedOperation.InnerError', upstream_status: seen });

  it('sends a bearer key and snake case', async () => {
    await using server = await RawServer.start(bare(200, '{"id":"job-9","status":"queued","request_id":"r"}'));
    const backend = hub(server.url);
    const references = [await referenceOf(await solid(64, 64, '#fff'))];
    const logoParam = { LogoUrl: 'https://example.com/l.png', LogoRect: { X: 1, Y: 2, Width: 3, Height: 4 } };
    const handle = await backend.submit(
      request({ seed: 7, references, providerOptions: { logoParam } }),
      new TestContext(backend),
    );
    expect(handle.jobId).toBe('job-9');
    const [seen] = server.requests;
    expect(seen?.url).toBe('/v1/api/image/submit');
    expect(seen?.headers.authorization).toBe(`Bearer ${apiKey}`);
    expect(seen?.json).toEqual({
      model: 'hy-image-v3.0',
      prompt: '雨中竹林',
      images: [Buffer.from(await (references[0]?.read() ?? '')).toString('base64')],
      resolution: '1024:1024',
      seed: 7,
      logo_add: 1,
      logo_param: { logo_url: 'https://example.com/l.png', logo_rect: { x: 1, y: 2, width: 3, height: 4 } },
      revise: 0,
    });
    expect(JSON.stringify([handle, backend.lanes])).not.toContain(apiKey);
    await backend.close();
  });

  const errors: readonly (readonly [string, Answer, string, string, boolean])[] = [
    ['400', own(400, { type: 'invalid_request_error', code: '400001' }), 'invalid-request', 'rejected', false],
    ['401', own(401, { type: 'authentication_error', code: '401002' }), 'auth', 'rejected', false],
    ['402', own(402, { type: 'permission_error', code: '402001' }), 'quota', 'rejected', false],
    ['403', own(403, { type: 'permission_error', code: '403001' }), 'auth', 'rejected', false],
    ['429', own(429, { type: 'rate_limit_error', code: '429001' }), 'rate-limit', 'rejected', true],
    ['451', own(451, { type: 'content_filter_error', code: '451001' }), 'content-policy', 'rejected', false],
    ['500', own(500, { type: 'server_error', code: '500001' }), 'unavailable', 'unknown', false],
    ['502', own(502, { type: 'upstream_error', code: '502001' }), 'unavailable', 'unknown', false],
    [
      'an error from behind',
      own(502, { type: 'upstream_error', upstream_code: 'RequestLimitExceeded.JobNumExceed' }),
      'concurrency-limit',
      'rejected',
      true,
    ],
    ['a general code from behind with 504', behind(502, 504), 'unavailable', 'unknown', false],
    ['a general code from behind with 502 in digits', behind(400, '502'), 'unavailable', 'unknown', false],
    ['a general code from behind that has no status', behind(502, undefined), 'unavailable', 'unknown', false],
    ['a general code from behind whose status is none', behind(502, 'ok'), 'unavailable', 'unknown', false],
    ['a general code from behind with 200', behind(502, 200), 'unavailable', 'rejected', true],
    ['a bare 503', bare(503), 'unavailable', 'rejected', true],
    ['a bare 504', bare(504), 'unavailable', 'unknown', false],
    ['HTML', bare(200, '<html>'), 'bad-response', 'unknown', false],
    ['no id', bare(200, '{"status":"queued"}'), 'bad-response', 'unknown', false],
    ['a redirect', bare(307, '', { location: '/x' }), 'bad-response', 'unknown', false],
    ['a reset', reset, 'unavailable', 'unknown', false],
  ];
  it.each(errors)('takes %s for what it is', async (_name, answer, kind, outcome, retryable) => {
    await using server = await RawServer.start(answer);
    const backend = hub(server.url);
    const error = await failure(backend.submit(request(), new TestContext(backend)));
    expect(error).toMatchObject({ kind, outcome, retryable });
    expect(error.message).not.toContain(apiKey);
    expect(server.requests).toHaveLength(1);
    await backend.close();
  });

  it('knows that nothing was sent, that an answer is late, and Retry-After', async () => {
    const server = await RawServer.start(own(429, {}, { 'retry-after': '3' }));
    const backend = hub(server.url);
    expect((await failure(backend.submit(request(), new TestContext(backend)))).retryAfterMs).toBe(3000);
    server.answers = [() => {}];
    const impatient = hub(server.url, { requestTimeoutMs: 2000 });
    expect(await failure(impatient.submit(request(), new TestContext(impatient)))).toMatchObject({
      kind: 'timeout',
      outcome: 'unknown',
    });
    await server.close();
    expect(await failure(backend.submit(request(), new TestContext(backend)))).toMatchObject({
      kind: 'unavailable',
      outcome: 'not-submitted',
    });
    await Promise.all([backend.close(), impatient.close()]);
  });

  it('makes pictures, goes through faults, and tells moderation', async () => {
    await using running = await start(
      { api: 'tokenhub' },
      { faults: [{ operation: 'query', script: ['pass', { kind: 'http-status', status: 502 }] }] },
    );
    const { status, message, proves, details } = await running.client.probe();
    expect(status).toBe('ready');
    // A key has no region.
    expect(`${message} ${proves.join(' ')} ${Object.keys(details ?? {}).join(' ')}`).not.toMatch(/region|default/);
    expect(await running.client.generate({ prompt: '竹林', seed: 4, size: '768x1024' })).toMatchObject({
      success: true,
      model: 'hy-image-v3.0',
      images: [{ width: 768, height: 1024, seed: 4 }],
    });
    expect(await running.client.generate({ prompt: '违禁' })).toMatchObject({
      success: false,
      error: { kind: 'content-policy', outcome: 'rejected' },
    });
    expect(await running.client.generate({ prompt: '__illegal_output__' })).toMatchObject({
      success: false,
      error: { kind: 'content-policy', outcome: 'failed' },
    });
    expect(running.emulator.ledger.accepted).toBe(2);
  });

  it('is chosen by a key alone, and turned away with a wrong one', async () => {
    await using running = await start({ api: 'tokenhub', apiKey: 'sk-wrong' });
    expect(await running.client.probe()).toMatchObject({ status: 'down', errorKind: 'auth' });
    const found = createHunyuanClient({ network: { environment: { HUNYUAN_API_KEY: apiKey } } });
    expect(found.backend.model).toBe('hy-image-v3.0');
    await found.close();
    const both = createHunyuanBackend({ apiKey, secretId, secretKey });
    expect(both.model).toBe('hunyuan-image-3.0');
    expect(() => createHunyuanBackend({ api: 'tokenhub', secretId, secretKey })).toThrow(/HUNYUAN_API_KEY/);
  });

  it('refuses a handle of the other API', async () => {
    const backend = hub('http://127.0.0.1:9');
    const error = await failure(
      backend.collect(handleOf(backend, { lane: 'aiart/ap-guangzhou/0123456789abcdef' }), new TestContext(backend)),
    );
    expect(error).toMatchObject({ kind: 'internal', outcome: 'accepted' });
    await backend.close();
  });

  it('a job that it does not know is lost', async () => {
    await using server = await RawServer.start(own(400, { type: 'invalid_request_error', code: '400001' }));
    let time = 0;
    const sleep = async (ms: number): Promise<void> => void (time += ms);
    const backend = hub(server.url, { internal: { clock: { now: () => time, monotonic: () => time, sleep } } });
    const error = await failure(backend.collect(handleOf(backend), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'job-failed', outcome: 'lost' });
    expect(server.requests).toHaveLength(3);
    await backend.close();
  });
});

it('an unsupported region of the older service says which to use', async () => {
  await using server = await RawServer.start(refusal('UnsupportedRegion'));
  const backend = backendAt(server.url, { api: '2023-09-01', region: 'ap-shanghai' });
  const error = await failure(backend.submit(request(), new TestContext(backend)));
  expect(error.message).toContain('ap-guangzhou');
  await backend.close();
});
