import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { backendAt, failure, request, secretId, secretKey, TestContext } from './harness.ts';
import { ok, RawServer } from './raw-server.ts';
import type { SeenRequest } from './raw-server.ts';

const accepted = ok({ JobId: '1300000001-1767225601-9a3c1c52-e6a1-11f0-9d39-525400000001-0' });

/** TC3 written from the vendor's description, apart from any SDK. */
function sign(seen: SeenRequest, host: string): string {
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const timestamp = String(seen.headers['x-tc-timestamp']);
  const date = new Date(Number(timestamp) * 1000).toISOString().slice(0, 10);
  const canonical = `POST\n/\n\ncontent-type:application/json\nhost:${host}\n\ncontent-type;host\n${sha(seen.body)}`;
  const text = `TC3-HMAC-SHA256\n${timestamp}\n${date}/aiart/tc3_request\n${sha(canonical)}`;
  const signing = mac(mac(mac(`TC3${secretKey}`, date), 'aiart'), 'tc3_request');
  const signature = createHmac('sha256', signing).update(text).digest('hex');
  return `TC3-HMAC-SHA256 Credential=${secretId}/${date}/aiart/tc3_request, SignedHeaders=content-type;host, Signature=${signature}`;
}

describe('a submission on the wire', () => {
  it('is signed for the vendor although another address is connected to', async () => {
    await using server = await RawServer.start(accepted);
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    await backend.submit(request({ seed: 7 }), context);
    const [seen] = server.requests;
    expect(seen?.method).toBe('POST');
    expect(seen?.url).toBe('/');
    expect(seen?.headers.host).toBe('aiart.tencentcloudapi.com');
    expect(seen?.headers.authorization).toBe(sign(seen as SeenRequest, 'aiart.tencentcloudapi.com'));
    expect(seen?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-tc-action': 'SubmitTextToImageJob',
      'x-tc-version': '2022-12-29',
      'x-tc-region': 'ap-guangzhou',
      'x-tc-traceid': context.key,
    });
    expect(seen?.headers).not.toHaveProperty('x-tc-token');
    await backend.close();
  });

  it('has the body of the published vector, with watermark and rewriting off in so many words', async () => {
    await using server = await RawServer.start(accepted);
    const backend = backendAt(server.url);
    await backend.submit(request({ seed: 7 }), new TestContext(backend));
    expect(server.requests[0]?.body).toBe(
      '{"Prompt":"雨中竹林","Resolution":"1024:1024","Seed":7,"LogoAdd":0,"Revise":0}',
    );
    await backend.close();
  });

  it('turns watermark and rewriting on by backend or by request', async () => {
    await using server = await RawServer.start(accepted);
    const on = backendAt(server.url, { watermark: true, rewritePrompt: true, token: 'sts-token' });
    await on.submit(request({ size: { width: 1248, height: 832 } }), new TestContext(on));
    await on.submit(request({ providerOptions: { watermark: false, rewritePrompt: false } }), new TestContext(on));
    const off = backendAt(server.url);
    const logoParam = { LogoUrl: 'https://example.com/logo.png', LogoRect: { X: 1, Y: 2, Width: 30, Height: 40 } };
    await off.submit(request({ providerOptions: { logoParam } }), new TestContext(off));
    expect(server.requests.map(({ json }) => json)).toEqual([
      { Prompt: '雨中竹林', Resolution: '1248:832', LogoAdd: 1, Revise: 1 },
      { Prompt: '雨中竹林', Resolution: '1024:1024', LogoAdd: 0, Revise: 0 },
      { Prompt: '雨中竹林', Resolution: '1024:1024', LogoAdd: 1, LogoParam: logoParam, Revise: 0 },
    ]);
    expect(server.requests[0]?.headers['x-tc-token']).toBe('sts-token');
    expect(on.capabilities.seed).toBeUndefined();
    expect(off.capabilities.seed).toEqual({ min: 1, max: 4294967295 });
    await Promise.all([on.close(), off.close()]);
  });

  it('takes a fresh connection each time', async () => {
    await using server = await RawServer.start(accepted);
    const backend = backendAt(server.url);
    for (let round = 0; round < 3; round += 1) await backend.submit(request(), new TestContext(backend));
    expect(server.connections).toBe(3);
    await backend.close();
  });

  it('makes a handle that is plain JSON, without secrets', async () => {
    await using server = await RawServer.start(accepted);
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    const handle = await backend.submit(request({ seed: 9 }), context);
    expect(JSON.parse(JSON.stringify(handle))).toEqual({
      version: 1,
      backend: 'hunyuan',
      lane: backend.lanes[0].id,
      credential: createHash('sha256').update(secretId).digest('hex').slice(0, 16),
      jobId: '1300000001-1767225601-9a3c1c52-e6a1-11f0-9d39-525400000001-0',
      key: context.key,
      acceptedAtMs: handle.acceptedAtMs,
      data: { rewritePrompt: false, seed: 9 },
    });
    expect(JSON.stringify(handle)).not.toContain(secretId);
    expect(backend.lanes[0].id).toMatch(/^aiart\/ap-guangzhou\/[0-9a-f]{16}$/);
    await backend.close();
  });

  it('ignores http_proxy on loopback, which the SDK alone would not', async () => {
    await using server = await RawServer.start(accepted);
    const before = process.env['http_proxy'];
    process.env['http_proxy'] = 'http://127.0.0.1:9';
    try {
      const backend = backendAt(server.url);
      await backend.submit(request(), new TestContext(backend));
      await backend.close();
    } finally {
      if (before === undefined) delete process.env['http_proxy'];
      else process.env['http_proxy'] = before;
    }
    expect(server.requests).toHaveLength(1);
  });

  it('reads a job id that is a number', async () => {
    await using server = await RawServer.start(ok({ JobId: 4711 }));
    const backend = backendAt(server.url);
    expect((await backend.submit(request(), new TestContext(backend))).jobId).toBe('4711');
    await backend.close();
  });
});

describe('what is refused before anything is sent', () => {
  const cases: readonly (readonly [string, Parameters<typeof request>[0], RegExp])[] = [
    ['an empty prompt', { prompt: '  ' }, /empty/],
    ['a lone surrogate', { prompt: 'a\ud83d' }, /surrogate/],
    ['a prompt that is too long', { prompt: '😀'.repeat(8193) }, /8193 .*8192/],
    ['an unknown option', { providerOptions: { negative: 'x' } }, /negative is unknown; known are/],
    ['a switch that is not a boolean', { providerOptions: { watermark: 0 } }, /watermark must be true or false/],
    ['a seed that rewriting voids', { seed: 1, providerOptions: { rewritePrompt: true } }, /seed is void/],
    ['a mark without a picture', { providerOptions: { logoParam: {} } }, /LogoUrl or LogoImage/],
    ['an unknown field of the mark', { providerOptions: { logoParam: { logoUrl: 'x' } } }, /logoUrl is unknown/],
    ['a mark that is off', { providerOptions: { watermark: false, logoParam: { LogoUrl: 'http://a/b' } } }, /void/],
    [
      'a mark beyond the size of a request',
      { providerOptions: { logoParam: { LogoImage: 'A'.repeat(10_000_000) } } },
      /10 MB/,
    ],
    [
      'a place of the mark in words',
      { providerOptions: { logoParam: { LogoUrl: 'http://a/b', LogoRect: { X: '1' } } } },
      /LogoRect\.X/,
    ],
  ];
  it.each(cases)('%s', async (_name, changes, message) => {
    await using server = await RawServer.start(accepted);
    const backend = backendAt(server.url);
    const error = await failure(backend.submit(request(changes), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted', backend: 'hunyuan' });
    expect(error.message).toMatch(message);
    expect(server.connections).toBe(0);
    await backend.close();
  });

  it('takes a prompt of 8192 code points', async () => {
    await using server = await RawServer.start(accepted);
    const backend = backendAt(server.url);
    await backend.submit(request({ prompt: '😀'.repeat(8192) }), new TestContext(backend));
    expect(server.requests[0]?.json['Prompt']).toBe('😀'.repeat(8192));
    await backend.close();
  });

  it('anything, once the signal is aborted or the backend is closed', async () => {
    await using server = await RawServer.start(accepted);
    const backend = backendAt(server.url);
    const aborted = await failure(backend.submit(request(), new TestContext(backend, AbortSignal.abort())));
    expect(aborted).toMatchObject({ kind: 'aborted', outcome: 'not-submitted' });
    await backend.close();
    const closed = await failure(backend.submit(request(), new TestContext(backend)));
    expect(closed).toMatchObject({ kind: 'internal', outcome: 'not-submitted' });
    expect(server.connections).toBe(0);
  });
});
