import { isLegalOutcome } from '@holodeck/core';
import { describe, expect, it } from 'vitest';
import { backendAt, failure, handleOf, jumpingClock, solid, TestContext } from './harness.ts';
import { bare, done, ok, RawServer, refusal, reset, route } from './raw-server.ts';
import type { Answer } from './raw-server.ts';

const query = 'QueryTextToImageJob';
const picture = await solid(64, 48, '#3366cc');
const png: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(picture);
};

/** Answers one after the other; the last one stays. */
function inTurn(...answers: Answer[]): Answer {
  let next = 0;
  return (request, response, raw) => answers[Math.min(next++, answers.length - 1)]?.(request, response, raw);
}

function status(code: unknown, fields: Record<string, unknown> = {}): Answer {
  return ok({ JobStatusCode: code, JobStatusMsg: '', JobErrorCode: '', JobErrorMsg: '', ...fields });
}

/** A server whose jobs are done with a picture of its own, after these answers. */
async function serverOf(...before: Answer[]): Promise<RawServer> {
  const server = await RawServer.start();
  server.answers = [
    route({ [query]: inTurn(...before, done(`${server.url}/a.png?q-signature=secret`)), '/a.png': png }),
  ];
  return server;
}

describe('waiting for a job', () => {
  it('polls, says when the slot is free, and downloads', async () => {
    await using server = await serverOf(status('1'), status('2'));
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    const result = await backend.collect(handleOf(backend, { data: { seed: 5, rewritePrompt: false } }), context);
    expect(result).toEqual({ images: [{ index: 0, seed: 5 }], requestId: 'request-1' });
    expect(context.images.get(0)).toEqual(picture);
    expect(context.events).toEqual(['queued', 'running', 'ended', 'downloading']);
    expect(server.count(query)).toBe(3);
    expect(server.requests[0]?.json).toEqual({ JobId: 'job-1' });
    await backend.close();
  });

  it('reads codes as texts and as numbers, and lists that are empty, null or absent', async () => {
    const lists = [
      { ResultImage: [], ResultDetails: [], RevisedPrompt: [] },
      { ResultImage: null, ResultDetails: null },
      {},
    ];
    const before = lists.flatMap((list) => [status('1', list), status(2, list), status('3', list)]);
    await using server = await serverOf(...before);
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    await backend.collect(handleOf(backend), context);
    expect(server.count(query)).toBe(10);
    server.answers = [
      route({ [query]: done(`${server.url}/a.png`, { JobStatusCode: 5, ResultDetails: null }), '/a.png': png }),
    ];
    expect((await backend.collect(handleOf(backend), context)).images).toHaveLength(1);
    await backend.close();
  });

  it('can be done again, and tells the rewritten prompt only where there is one', async () => {
    await using server = await serverOf();
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    const rewritten = await backend.collect(handleOf(backend, { data: { rewritePrompt: true } }), context);
    const plain = await backend.collect(handleOf(backend, { data: { rewritePrompt: false } }), context);
    expect(rewritten.images).toEqual([{ index: 0, revisedPrompt: 'a prompt' }]);
    expect(plain.images).toEqual([{ index: 0 }]);
    await backend.close();
  });

  it('keeps its connection', async () => {
    await using server = await serverOf(status('1'), status('1'), status('2'), status('2'));
    const backend = backendAt(server.url);
    await backend.collect(handleOf(backend), new TestContext(backend));
    // One for the queries, one for the download.
    expect(server.connections).toBe(2);
    await backend.close();
  });

  it('paces itself where nobody paces it', async () => {
    await using server = await serverOf(status('1'), status('2'));
    const clock = jumpingClock();
    const backend = backendAt(server.url, { internal: { clock } });
    const { nextPoll: _none, ...context } = new TestContext(backend);
    await backend.collect(handleOf(backend), context);
    expect(clock.elapsedMs()).toBeGreaterThan(0);
    await backend.close();
  });

  it('takes the good pictures of a job and says what became of the others', async () => {
    await using server = await RawServer.start();
    const urls = ['/a.png', '/b.png', '/c.png'].map((path) => server.url + path);
    const details = ['Success', 'OperationDenied.ImageIllegalDetected', 'Success'];
    server.answers = [
      route({ [query]: done('', { ResultImage: urls, ResultDetails: details }), '/a.png': png, '/c.png': png }),
    ];
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    const result = await backend.collect(handleOf(backend), context);
    expect(result.images.map(({ index }) => index)).toEqual([0, 1]);
    expect(result.warnings).toEqual([
      { code: 'fewer-images', message: expect.stringContaining('ImageIllegalDetected') as string },
    ]);
    expect(context.images.size).toBe(2);
    await backend.close();
  });
});

describe('a job that brings no picture', () => {
  /** JobErrorCode | kind | retryable without and with a seed */
  const codes = `
ServerError | job-failed | true | true
FailedOperation.ServerError | job-failed | true | true
InternalError | job-failed | true | true
RequestTimeout | job-failed | true | true
FailedOperation.DownloadError | job-failed | true | true
GenerateImageFailed | content-policy | true | false
FailedOperation.GenerateImageFailed | content-policy | true | false
ImageIllegalDetected | content-policy | false | false
OperationDenied.ImageIllegalDetected | content-policy | false | false
OperationDenied.TextIllegalDetected | content-policy | false | false
ModerationFailed | content-policy | false | false
FailedOperation.ImageDecodeFailed | invalid-request | false | false
ResourceUnavailable.InArrears | quota | false | false
FailedOperation | job-failed | false | false
Never.HeardOf | job-failed | false | false
`;
  const rows = codes
    .trim()
    .split('\n')
    .map((line) => line.split(' | ') as [string, string, string, string]);
  it.each(rows)('%s is %s, retryable %s, with a seed %s', async (code, kind, retryable, seeded) => {
    await using server = await RawServer.start(status('4', { JobErrorCode: code, JobErrorMsg: '处理失败' }));
    const backend = backendAt(server.url);
    for (const [data, again] of [
      [{}, retryable],
      [{ seed: 1 }, seeded],
    ] as const) {
      const context = new TestContext(backend);
      const error = await failure(backend.collect(handleOf(backend, { data }), context));
      expect(error).toMatchObject({ kind, outcome: 'failed', retryable: again === 'true', code });
      expect(error.handle?.jobId).toBe('job-1');
      expect(isLegalOutcome(error.kind, error.outcome)).toBe(true);
      expect(context.events).toEqual(['ended']);
    }
    await backend.close();
  });

  const empties: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['an empty list', { ResultImage: [], ResultDetails: [] }, 'job-failed'],
    ['no list at all', { ResultImage: null, ResultDetails: null }, 'job-failed'],
    ['a list of nothing', { ResultImage: [''], ResultDetails: ['Success'] }, 'job-failed'],
    [
      'a verdict instead',
      { ResultImage: [], ResultDetails: ['OperationDenied.ImageIllegalDetected'] },
      'content-policy',
    ],
    ['a verdict in words', { ResultImage: [], ResultDetails: ['图片审核失败'] }, 'job-failed'],
  ];
  it.each(empties)('done with %s', async (_name, fields, kind) => {
    await using server = await RawServer.start(done('', fields));
    const backend = backendAt(server.url);
    const error = await failure(backend.collect(handleOf(backend), new TestContext(backend)));
    expect(error).toMatchObject({ kind, outcome: 'failed', retryable: false });
    await backend.close();
  });

  it('moderation of the result as an error of the query ends the job', async () => {
    await using server = await RawServer.start(refusal('OperationDenied.ImageIllegalDetected'));
    const backend = backendAt(server.url);
    const error = await failure(backend.collect(handleOf(backend), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'content-policy', outcome: 'failed' });
    await backend.close();
  });
});

describe('a job that the service does not know', () => {
  it.each(['FailedOperation.JobNotExist', 'FailedOperation.JobNotFound'])(
    '%s: lost after three answers over 10 s',
    async (code) => {
      await using server = await RawServer.start(refusal(code));
      const clock = jumpingClock();
      const backend = backendAt(server.url, { internal: { clock } });
      const error = await failure(backend.collect(handleOf(backend), new TestContext(backend)));
      expect(error).toMatchObject({ kind: 'job-failed', outcome: 'lost', retryable: false, code });
      expect(server.count(query)).toBe(3);
      expect(clock.elapsedMs()).toBeGreaterThanOrEqual(10_000);
      await backend.close();
    },
  );

  it('is not lost when it shows up later; the count begins anew', async () => {
    const absent = refusal('FailedOperation.JobNotExist');
    await using server = await serverOf(absent, absent, status('1'), absent, absent, status('2'));
    const backend = backendAt(server.url, { internal: { clock: jumpingClock() } });
    const result = await backend.collect(handleOf(backend), new TestContext(backend));
    expect(result.images).toHaveLength(1);
    await backend.close();
  });
});

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
    const stalling = backendAt(server.url, { requestTimeoutMs: 100 });
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

describe('the download', () => {
  const expired = bare(403, '<Error><Code>AccessDenied</Code></Error>', { 'content-type': 'application/xml' });

  it('asks for a fresh address once when the first has expired', async () => {
    await using server = await RawServer.start();
    const [first, second] = [done(`${server.url}/old.png?q-sign=1`), done(`${server.url}/a.png?q-sign=2`)];
    server.answers = [route({ [query]: inTurn(first, second), '/old.png': expired, '/a.png': png })];
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    await backend.collect(handleOf(backend), context);
    expect(context.images.get(0)).toEqual(picture);
    expect(server.count(query)).toBe(2);
    await backend.close();
  });

  it.each([403, 404])('does not give a picture up for a few answers of %i', async (refused) => {
    await using server = await RawServer.start();
    const no = bare(refused, '');
    server.answers = [route({ [query]: done(`${server.url}/a.png`), '/a.png': inTurn(no, no, no, png) })];
    const clock = jumpingClock();
    const backend = backendAt(server.url, { internal: { clock } });
    const context = new TestContext(backend);
    await backend.collect(handleOf(backend), context);
    expect(context.images.get(0)).toEqual(picture);
    expect(clock.elapsedMs()).toBeGreaterThanOrEqual(10_000);
    await backend.close();
  });

  it('keeps the other pictures of a job when one is not to be had', async () => {
    await using server = await RawServer.start();
    const urls = ['/a.png', '/gone.png', '/b.png'].map((path) => `${server.url}${path}`);
    const answers = { [query]: done('', { ResultImage: urls, ResultDetails: ['Success', 'Success', 'Success'] }) };
    server.answers = [route({ ...answers, '/a.png': png, '/gone.png': expired, '/b.png': png })];
    const backend = backendAt(server.url, { internal: { clock: jumpingClock() } });
    const context = new TestContext(backend);
    const result = await backend.collect(handleOf(backend), context);
    expect(result.images.map(({ index }) => index)).toEqual([0, 2]);
    expect(result.warnings).toMatchObject([
      { code: 'fewer-images', message: expect.stringContaining('Picture 2') as string },
    ]);
    expect([...context.images.keys()]).toEqual([0, 2]);
    await backend.close();
  });

  it('is kept when it is a page that refuses it, as a proxy on the way does', async () => {
    await using server = await RawServer.start();
    const page = bare(403, '<html>Blocked</html>', { 'content-type': 'text/html' });
    server.answers = [route({ [query]: done(`${server.url}/a.png?q-signature=secret`), '/a.png': page })];
    const backend = backendAt(server.url, { internal: { clock: jumpingClock() } });
    const context = new TestContext(backend);
    const error = await failure(backend.collect(handleOf(backend), context));
    expect(error).toMatchObject({ outcome: 'accepted', retryable: true, handle: { jobId: 'job-1' } });
    expect(error.message).not.toContain('q-signature');
    server.answers = [route({ [query]: done(`${server.url}/a.png?q-signature=secret`), '/a.png': png })];
    await backend.collect(handleOf(backend), context);
    expect(context.images.get(0)).toEqual(picture);
    await backend.close();
  });

  it('is lost when fresh addresses are no better for 10 s, and names no signature', async () => {
    await using server = await RawServer.start();
    server.answers = [route({ [query]: done(`${server.url}/a.png?q-signature=secret`), '/a.png': expired })];
    const clock = jumpingClock();
    const backend = backendAt(server.url, { internal: { clock } });
    const error = await failure(backend.collect(handleOf(backend), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'job-failed', outcome: 'lost', backend: 'hunyuan' });
    expect(error.handle?.jobId).toBe('job-1');
    expect(error.message).not.toContain('q-signature');
    expect(clock.elapsedMs()).toBeGreaterThanOrEqual(10_000);
    expect(server.count(query)).toBe(4);
    await backend.close();
  });

  const broken: readonly (readonly [string, Answer, string])[] = [
    ['a 500', bare(500), 'unavailable'],
    ['HTML with 200', bare(200, '<html>', { 'content-type': 'image/png' }), 'bad-response'],
    ['half a picture', (_request, response) => response.end(picture.subarray(0, -20)), 'bad-response'],
    [
      'a connection that breaks',
      (_request, response) => {
        response.writeHead(200, { 'content-length': picture.length });
        response.write(picture.subarray(0, 40), () => response.socket?.resetAndDestroy());
      },
      'unavailable',
    ],
  ];
  it.each(broken)('%s can be tried again', async (_name, answer, kind) => {
    await using server = await RawServer.start();
    server.answers = [route({ [query]: done(`${server.url}/a.png`), '/a.png': inTurn(answer, png) })];
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    const error = await failure(backend.collect(handleOf(backend), context));
    expect(error).toMatchObject({ kind, outcome: 'accepted', retryable: true, backend: 'hunyuan' });
    expect(context.images.size).toBe(0);
    await backend.collect(handleOf(backend), context);
    expect(context.images.get(0)).toEqual(picture);
    await backend.close();
  });

  it('stops at the size cap', async () => {
    await using server = await serverOf();
    const backend = backendAt(server.url, { maxDownloadBytes: picture.length - 1 });
    const error = await failure(backend.collect(handleOf(backend), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'bad-response', outcome: 'accepted' });
    await backend.close();
  });
});

describe('handles of others', () => {
  it('are refused without a request', async () => {
    await using server = await serverOf();
    const backend = backendAt(server.url);
    const context = new TestContext(backend);
    const cases = [
      [{ credential: '0123456789abcdef' }, 'auth', /another account/],
      [
        { lane: backend.lanes[0].id.replace('guangzhou', 'shanghai') },
        'internal',
        /aiart in ap-shanghai.*aiart in ap-guangzhou/,
      ],
      [{ backend: 'openai' }, 'internal', /made by openai/],
    ] as const;
    for (const [changes, kind, message] of cases) {
      const error = await failure(backend.collect(handleOf(backend, changes), context));
      expect(error).toMatchObject({ kind, outcome: 'accepted', retryable: false });
      expect(error.message).toMatch(message);
    }
    expect(server.connections).toBe(0);
    await backend.close();
  });

  it("an account's name keeps handles valid when temporary keys change", async () => {
    await using server = await serverOf();
    const before = backendAt(server.url, { account: '1300000001' });
    const after = backendAt(server.url, { account: '1300000001', secretId: 'AKIDOTHER', token: 'sts' });
    expect((await after.collect(handleOf(before), new TestContext(after))).images).toHaveLength(1);
    await Promise.all([before.close(), after.close()]);
  });
});
