import { describe, expect, it } from 'vitest';
import { backendAt, failure, handleOf, jumpingClock, TestContext } from './harness.ts';
import { done, picture, png, query, RawServer, route, serverOf, status } from './raw-server.ts';

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
      {
        code: 'fewer-images',
        message: 'The service withheld a picture of this job: OperationDenied.ImageIllegalDetected',
        messageId: 'hunyuan.withheld',
        params: { reason: 'OperationDenied.ImageIllegalDetected' },
      },
    ]);
    expect(context.images.size).toBe(2);
    await backend.close();
  });
});

it('takes no more pictures than were asked for, and says how many came', async () => {
  await using server = await RawServer.start();
  const urls = Array.from({ length: 300 }, () => `${server.url}/a.png`);
  const details = urls.map(() => 'Success');
  server.answers = [route({ [query]: done('', { ResultImage: urls, ResultDetails: details }), '/a.png': png })];
  const backend = backendAt(server.url);
  const context = new TestContext(backend);
  const { images } = await backend.collect(handleOf(backend), Object.assign(context, { imageCount: 1 }));
  expect(images).toEqual([{ index: 0 }]);
  expect(context.warnings).toMatchObject([{ code: 'more-images', params: { kept: 1, got: 300 } }]);
  expect(server.requests.filter(({ url }) => url.startsWith('/a.png'))).toHaveLength(1);
  await backend.close();
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
