import { describe, expect, it } from 'vitest';
import { backendAt, failure } from './harness.ts';
import { bare, ok, RawServer, refusal, reset } from './raw-server.ts';
import type { Answer } from './raw-server.ts';

const context = { signal: new AbortController().signal };

describe('the probe', () => {
  const cases: readonly (readonly [string, Answer, string, string | undefined])[] = [
    ['JobNotExist', refusal('FailedOperation.JobNotExist'), 'ready', undefined],
    ['JobNotFound', refusal('FailedOperation.JobNotFound'), 'ready', undefined],
    ['an answer', ok({ JobStatusCode: '5' }), 'ready', undefined],
    ['SecretIdNotFound', refusal('AuthFailure.SecretIdNotFound'), 'down', 'auth'],
    ['SignatureFailure', refusal('AuthFailure.SignatureFailure'), 'down', 'auth'],
    ['UnauthorizedOperation', refusal('AuthFailure.UnauthorizedOperation'), 'down', 'auth'],
    ['NotExist', refusal('ResourceUnavailable.NotExist'), 'down', 'auth'],
    ['InArrears', refusal('ResourceUnavailable.InArrears'), 'down', 'quota'],
    ['ActionOffline', refusal('ActionOffline'), 'down', 'unavailable'],
    ['UnsupportedRegion', refusal('UnsupportedRegion'), 'down', 'unsupported'],
    ['RequestLimitExceeded', refusal('RequestLimitExceeded'), 'unknown', 'rate-limit'],
    ['ServerError', refusal('FailedOperation.ServerError'), 'unknown', 'unavailable'],
    ['a new code', refusal('Brand.New'), 'unknown', 'unavailable'],
    ['502', bare(502), 'down', 'unavailable'],
    ['429', bare(429), 'unknown', 'rate-limit'],
    ['a sign-in page', bare(200, '<html>'), 'down', 'bad-response'],
    ['a reset', reset, 'down', 'unavailable'],
  ];
  it.each(cases)('%s', async (_name, answer, status, errorKind) => {
    await using server = await RawServer.start(answer);
    // A program of another run, which had this port before.
    expect((await fetch(`${server.url}/history/7`)).status).toBe(404);
    const backend = backendAt(server.url);
    const report = await backend.probe(context);
    expect(report).toMatchObject({ backend: 'hunyuan', model: 'hunyuan-image-3.0', status });
    expect(report.errorKind).toBe(errorKind);
    expect(report.doesNotProve.join()).toContain('activated');
    expect(report.message).not.toContain('not sent again');
    if (status === 'ready') expect(report.proves).toContain('the region ap-guangzhou is taken');
    if (errorKind === 'auth') expect(report.remedy).toMatch(/https:\/\/console\.cloud\.tencent\.com/);
    expect(server.requests.map(({ action }) => action)).toEqual(['QueryTextToImageJob']);
    await backend.close();
  });

  it('is not misled by a kept connection that is closed when it is used again', async () => {
    const used = new WeakSet<object>();
    const absent = refusal('FailedOperation.JobNotExist');
    await using server = await RawServer.start((request, response, raw) => {
      if (used.has(raw.socket)) return raw.socket.destroy();
      used.add(raw.socket);
      return absent(request, response, raw);
    });
    const backend = backendAt(server.url);
    expect((await backend.probe(context)).status).toBe('ready');
    expect((await backend.probe(context)).status).toBe('ready');
    await backend.close();
  });

  it('reports a clock that is off', async () => {
    await using server = await RawServer.start((seen, response, raw) => {
      response.setHeader('date', new Date(Date.now() - 200_000).toUTCString());
      return refusal('FailedOperation.JobNotExist')(seen, response, raw);
    });
    const backend = backendAt(server.url);
    const { details, message } = await backend.probe(context);
    expect(Number(details?.['clockSkewMs'])).toBeLessThan(-190_000);
    expect(message).toMatch(/clock is off by \d+ s/);
    expect(details).toMatchObject({ host: new URL(server.url).host, region: 'ap-guangzhou', api: 'image-3.0' });
    await backend.close();
  });

  it('is down without a server, and throws only when aborted', async () => {
    const server = await RawServer.start(() => {});
    const backend = backendAt(server.url);
    expect(await failure(backend.probe({ signal: AbortSignal.timeout(50) }))).toMatchObject({
      kind: 'timeout',
      outcome: 'not-submitted',
    });
    await server.close();
    const report = await backend.probe(context);
    expect(report).toMatchObject({ status: 'down', errorKind: 'unavailable', proves: [] });
    expect(report.message).toContain('ECONNREFUSED');
    await backend.close();
  });
});
