import { describe, expect, it } from 'vitest';
import { backendAt, failure, handleOf, jumpingClock, TestContext } from './harness.ts';
import { bare, done, inTurn, picture, png, query, RawServer, route, serverOf } from './raw-server.ts';
import type { Answer } from './raw-server.ts';

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

  it('is lost if fresh addresses fail too for 10 s, and names no signature', async () => {
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
