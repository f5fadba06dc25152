import { isLegalOutcome } from '@holodeck/core/backend';
import { describe, expect, it } from 'vitest';
import { backendAt, failure, handleOf, TestContext } from './harness.ts';
import { bare, ok, RawServer, refusal, reset } from './raw-server.ts';
import type { Answer } from './raw-server.ts';

describe('faults of a query', () => {
  const cases: readonly (readonly [string, Answer, string, boolean])[] = [
    ['500', bare(500), 'unavailable', true],
    ['503', bare(503), 'unavailable', true],
    ['429', bare(429), 'rate-limit', true],
    ['HTML', bare(200, '<html>', { 'content-type': 'text/html' }), 'bad-response', true],
    ['no Response', bare(200, '{}'), 'bad-response', true],
    ['no status', ok({}), 'bad-response', true],
    ['a reset', reset, 'unavailable', true],
    ['a redirect', bare(302, '', { location: '/x' }), 'bad-response', true],
    ['RequestLimitExceeded', refusal('RequestLimitExceeded'), 'rate-limit', true],
    ['JobNumExceed', refusal('RequestLimitExceeded.JobNumExceed'), 'rate-limit', true],
    ['ServerError', refusal('FailedOperation.ServerError'), 'unavailable', true],
    ['FailedOperation', refusal('FailedOperation'), 'unavailable', true],
    ['RequestTimeout', refusal('FailedOperation.RequestTimeout'), 'timeout', true],
    ['InArrears', refusal('ResourceUnavailable.InArrears'), 'quota', false],
    ['SignatureFailure', refusal('AuthFailure.SignatureFailure'), 'auth', false],
    ['InvalidParameter', refusal('InvalidParameter'), 'internal', false],
    ['UnsupportedRegion', refusal('UnsupportedRegion'), 'internal', false],
    ['ActionOffline', refusal('ActionOffline'), 'unavailable', false],
  ];
  it.each(cases)('%s leaves the job to be collected', async (_name, answer, kind, retryable) => {
    await using server = await RawServer.start(answer);
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    const error = await failure(backend.collect(handleOf(backend), context));
    expect(error).toMatchObject({ kind, outcome: 'accepted', retryable });
    expect(error.handle?.jobId).toBe('job-1');
    expect(isLegalOutcome(error.kind, error.outcome)).toBe(true);
    expect(context.events).toEqual([]);
    expect(error.message).not.toContain('not sent again');
    await backend.close();
  });

  it('no connection, an answer that stalls, and an abort', async () => {
    const server = await RawServer.start(() => {});
    const stalling = backendAt(server.url, { requestTimeoutMs: 2000 });
    expect(await failure(stalling.collect(handleOf(stalling), new TestContext(stalling)))).toMatchObject({
      kind: 'timeout',
      outcome: 'accepted',
    });
    const controller = new AbortController();
    server.answers = [() => controller.abort()];
    const aborted = backendAt(server.url);
    expect(
      await failure(aborted.collect(handleOf(aborted), new TestContext(aborted, controller.signal))),
    ).toMatchObject({ kind: 'aborted', outcome: 'accepted' });
    await server.close();
    expect(await failure(aborted.collect(handleOf(aborted), new TestContext(aborted)))).toMatchObject({
      kind: 'unavailable',
      outcome: 'accepted',
    });
    await Promise.all([stalling.close(), aborted.close()]);
  });
});
