import { isLegalOutcome } from '@holodeck/core/backend';
import { describe, expect, it } from 'vitest';
import { backendAt, failure, handleOf, jumpingClock, TestContext } from './harness.ts';
import { done, query, RawServer, refusal, serverOf, status } from './raw-server.ts';

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

  const empties: readonly (readonly [string, Record<string, unknown>])[] = [
    ['an empty list', { ResultImage: [], ResultDetails: [] }],
    ['no list at all', { ResultImage: null, ResultDetails: null }],
    ['a list of nothing', { ResultImage: [''], ResultDetails: ['Success'] }],
  ];
  it.each(empties)('done with %s: failed after three answers over 10 s', async (_name, fields) => {
    await using server = await RawServer.start(done('', fields));
    const clock = jumpingClock();
    const backend = backendAt(server.url, { internal: { clock } });
    const context = new TestContext(backend);
    const error = await failure(backend.collect(handleOf(backend), context));
    expect(error).toMatchObject({ kind: 'job-failed', outcome: 'failed', retryable: false });
    expect(server.count(query)).toBe(3);
    expect(clock.elapsedMs()).toBeGreaterThanOrEqual(10_000);
    expect(context.events).toEqual(['ended']);
    await backend.close();
  });

  it.each(empties)('done with %s, and then with its picture', async (_name, fields) => {
    await using server = await serverOf(done('', fields), done('', fields));
    const backend = backendAt(server.url, { internal: { clock: jumpingClock() } });
    const result = await backend.collect(handleOf(backend), new TestContext(backend));
    expect(result.images).toHaveLength(1);
    await backend.close();
  });

  const verdicts: readonly (readonly [string, Record<string, unknown>, string])[] = [
    [
      'a verdict instead',
      { ResultImage: [], ResultDetails: ['OperationDenied.ImageIllegalDetected'] },
      'content-policy',
    ],
    ['a verdict in words', { ResultImage: [], ResultDetails: ['图片审核失败'] }, 'job-failed'],
  ];
  it.each(verdicts)('done with %s', async (_name, fields, kind) => {
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

  it('is not lost when it shows up later; the count begins again', async () => {
    const absent = refusal('FailedOperation.JobNotExist');
    await using server = await serverOf(absent, absent, status('1'), absent, absent, status('2'));
    const backend = backendAt(server.url, { internal: { clock: jumpingClock() } });
    const result = await backend.collect(handleOf(backend), new TestContext(backend));
    expect(result.images).toHaveLength(1);
    await backend.close();
  });
});
