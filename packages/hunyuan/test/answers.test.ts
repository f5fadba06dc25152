import { describe, expect, it } from 'vitest';
import { backendAt, failure, handleOf, request, secretKey, TestContext } from './harness.ts';
import { bare, done, inTurn, ok, picture, png, query, RawServer, refusal, route } from './raw-server.ts';
import type { Answer } from './raw-server.ts';

const submit = 'SubmitTextToImageJob';

describe('an answer with a job and an error', () => {
  const Error = { Code: 'FailedOperation.InnerError', Message: '内部错误' };
  const cases: readonly (readonly [string, Answer])[] = [
    ['200', ok({ JobId: 'job-1', Error })],
    ['500', bare(500, JSON.stringify({ Response: { JobId: 'job-1', Error, RequestId: 'r' } }))],
  ];
  it.each(cases)('keeps the handle, with a warning (HTTP %s)', async (_name, answer) => {
    await using server = await RawServer.start();
    server.answers = [route({ [submit]: answer, [query]: done(`${server.url}/a.png`), '/a.png': png })];
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    const handle = await backend.submit(request(), context);
    expect(context.warnings).toMatchObject([{ code: 'other', params: { code: 'FailedOperation.InnerError' } }]);
    await backend.collect(handle, context);
    expect(context.images.get(0)).toEqual(picture);
    await backend.close();
  });

  it('without a job it is the refusal that it says', async () => {
    await using server = await RawServer.start(ok({ JobId: '', Error }));
    const backend = backendAt(server.url);
    const error = await failure(backend.submit(request(), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'unavailable', outcome: 'rejected', code: 'FailedOperation.InnerError' });
    await backend.close();
  });
});

it.each(['-1', 'soon', 'soon 1'])('a Retry-After of %j causes neither a wait nor a time-out', async (wait) => {
  for (const answer of [bare(503, '', { 'retry-after': wait }), bare(429, '', { 'retry-after': wait })]) {
    await using server = await RawServer.start(answer);
    const backend = backendAt(server.url);
    const error = await failure(backend.submit(request(), new TestContext(backend)));
    expect(error).toMatchObject({ outcome: 'rejected', retryable: true });
    expect(error.kind).not.toBe('timeout');
    expect(error.retryAfterMs).toBeUndefined();
    await backend.close();
  }
});

it('one job for several submissions is delivered to the first alone', async () => {
  await using server = await RawServer.start();
  server.answers = [route({ [submit]: ok({ JobId: 'job-1' }), [query]: done(`${server.url}/a.png`), '/a.png': png })];
  const backend = backendAt(server.url);
  const contexts = [1, 2, 3].map(() => new TestContext(backend));
  const [first, ...others] = await Promise.all(
    contexts.map(async (context) => ({ context, handle: await backend.submit(request(), context) })),
  );
  if (first === undefined) throw new Error('There is no first job.');
  await backend.collect(first.handle, first.context);
  expect(first.context.images.get(0)).toEqual(picture);
  // Another process reads it from the handle.
  const later = backendAt(server.url);
  for (const { handle, context } of others) {
    for (const collector of [backend, later]) {
      const error = await failure(collector.collect(handle, context));
      expect(error).toMatchObject({ kind: 'bad-response', outcome: 'accepted', retryable: false });
      expect(error.message).toContain('job-1 for two submissions');
      expect(context.images.size).toBe(0);
    }
  }
  expect(server.count(query)).toBe(1);
  await Promise.all([backend.close(), later.close()]);
});

describe('a server that repeats the key', () => {
  it('leaves it in no field of an error', async () => {
    const echo = (Code: string): Answer => ok({ Error: { Code, Message: `m ${secretKey}` }, RequestId: secretKey });
    await using server = await RawServer.start(echo(`FailedOperation.${secretKey}`));
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    const errors = [
      await failure(backend.submit(request(), context)),
      await failure(backend.collect(handleOf(backend), context)),
    ];
    server.answers = [
      ok({ JobStatusCode: '4', JobErrorCode: secretKey, JobErrorMsg: secretKey, RequestId: secretKey }),
    ];
    errors.push(await failure(backend.collect(handleOf(backend), context)));
    for (const error of errors) {
      const said = [error.message, error.code, error.requestId, error.params, error.cause, JSON.stringify(error)];
      expect(JSON.stringify(said)).not.toContain(secretKey);
      expect(error.code).toContain('***');
      expect(error.requestId).toContain('***');
    }
    await backend.close();
  });

  it('leaves it in no field of a handle or a result', async () => {
    await using server = await RawServer.start();
    const echo = { RevisedPrompt: [secretKey], RequestId: secretKey, ResultDetails: ['Success', secretKey] };
    server.answers = [
      route({
        [submit]: ok({ JobId: `job-${secretKey}`, RequestId: secretKey }),
        [query]: inTurn(
          ok({ JobStatusCode: '2', JobStatusMsg: secretKey }),
          done('', { ...echo, ResultImage: [`${server.url}/a.png`, `${server.url}/b.png`] }),
        ),
        '/a.png': png,
      }),
    ];
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    const handle = await backend.submit(request({ providerOptions: { rewritePrompt: true } }), context);
    const result = await backend.collect(handle, context);
    expect(result).toMatchObject({ images: [{ revisedPrompt: '***' }], requestId: '***' });
    expect(JSON.stringify([handle, result, context.events])).not.toContain(secretKey);
    await backend.close();
  });

  it('a refusal by its own code is still known', async () => {
    await using server = await RawServer.start(refusal('RequestLimitExceeded.JobNumExceed', secretKey));
    const backend = backendAt(server.url);
    const error = await failure(backend.submit(request(), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'concurrency-limit', outcome: 'rejected' });
    await backend.close();
  });
});
