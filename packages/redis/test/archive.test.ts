import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { GenerationResult, GenerationTask } from '@holodeck/core';
import { openImageArchive, type ImageArchive, type ImageQueue } from '@holodeck/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBucketServer, type BucketServer } from './support/bucket-server.ts';
import { heldMs } from '../../../test/support/pushed-clock.ts';
import { until } from '../../../test/support/until.ts';
import { QueueWorld, tasks } from './support/queue-world.ts';
import { startRedisServer, type RedisServer } from './support/redis-server.ts';

let server: RedisServer;
let bucket: BucketServer;
let world: QueueWorld;
let rounds = 0;

beforeAll(async () => {
  [server, bucket] = await Promise.all([startRedisServer(), startBucketServer()]);
});
afterAll(async () => {
  await bucket.close();
  await server.close();
});
beforeEach(async () => {
  rounds += 1;
  world = await QueueWorld.start(server);
});
afterEach(async () => world.close());

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-archive-'));
  world.onClose(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function openArchive(url: string): Promise<ImageArchive> {
  const archive = await openImageArchive(url);
  world.onClose(() => archive.close());
  return archive;
}

async function run(queue: ImageQueue, list: readonly GenerationTask[]): Promise<GenerationResult[]> {
  const results = [];
  for await (const result of queue.generateStream(list)) results.push(result);
  return results;
}

describe.each([
  ['a bucket', async () => bucket.url(`Bilder/${rounds}`)],
  ['a shared folder', async () => pathToFileURL(await newFolder()).href],
])('with %s, workers of different folders', (_name, newUrl) => {
  it('keep images under their names, and pay nothing again for what another one made', async () => {
    const url = await newUrl();
    const archive = await openArchive(url);
    const queue = await world.openQueue();
    const list = tasks(3).map((task, index) => ({ ...task, outputPath: `场景/雨夜 ${index}.png` }));
    const first = await world.startWorker({ archive }, { outputDir: await newFolder() });
    const made = await run(queue, list);
    await first.close();
    for (const result of made) {
      if (!result.success) throw result.error;
      const [image] = result.images;
      const name = image.path?.slice(archive.location.length).replace(/^\//, '') ?? '';
      expect(name).toMatch(/^场景\/雨夜 \d\.png$/);
      expect((await archive.get(name))?.byteLength).toBe(image.byteLength);
    }
    const folder = await newFolder();
    await world.startWorker({ archive: await openArchive(url) }, { outputDir: folder });
    const again = await run(queue, list);
    expect(again.map((result) => result.success && result.source)).toEqual(['resumed', 'resumed', 'resumed']);
    const addresses = (results: readonly GenerationResult[]): ReadonlySet<unknown> =>
      new Set(results.map((result) => result.success && result.images[0].path));
    expect(addresses(again)).toEqual(addresses(made));
    expect((await readFile(join(folder, '场景', '雨夜 0.png'))).subarray(1, 4).toString()).toBe('PNG');
    expect(world.emulator.ledger.accepted).toBe(3);
  });
});

describe('an archive that is away', () => {
  it('costs nothing: what is made is kept when it comes back, and nothing is sent meanwhile', async () => {
    const archive = await openArchive(bucket.url(`away-${rounds}`));
    const queue = await world.openQueue();
    const [task, later] = tasks(2);
    if (task === undefined || later === undefined) throw new Error('no tasks');
    world.emulator.set({ jobMs: heldMs });
    await world.startWorker({ archive });
    const [queued] = await queue.enqueueTasks([task]);
    if (queued === undefined) throw new Error('no task');
    const accepted = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const result = queue.result(queued, {
      onProgress: (event) => {
        if (event.type !== 'state') return;
        if (event.state === 'accepted') accepted.resolve();
        if (event.state === 'done') ended.resolve();
      },
    });
    await accepted.promise;
    await bucket.stop();
    world.emulator.set({ jobMs: 30 });
    world.clock.push();
    try {
      await ended.promise;
      await queue.enqueueTasks([later]);
      await until(async () => (await queue.status()).delayed === 2);
      expect(world.emulator.ledger.accepted).toBe(1);
    } finally {
      await bucket.start();
    }
    expect(await result).toMatchObject({ success: true, source: 'resumed' });
    expect(await run(queue, [later])).toMatchObject([{ success: true }]);
    expect(world.emulator.ledger.accepted).toBe(2);
  });
});

describe('the address of an archive', () => {
  it.each([
    ['pictures', /not a URL/],
    ['https://bucket/x', /begins with https/],
    ['s3://key:secret-word@bucket', /AWS_ACCESS_KEY_ID/],
    ['s3://bucket?acl=public', /unknown option "acl"/],
    ['s3://bucket?endpoint=host', /endpoint/],
    ['s3://bucket?pathStyle=yes', /pathStyle/],
    ['file://other-host/share', /another host/],
  ])('%s is refused', async (url, message) => {
    const error = await openImageArchive(url).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted' });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('secret-word');
  });

  it('must be one that can be written', async () => {
    const missing = bucket.url('x').replace('pictures', 'no-such-bucket');
    await expect(openImageArchive(missing)).rejects.toMatchObject({
      kind: 'invalid-request',
      message: expect.stringContaining('NoSuchBucket') as string,
    });
    const file = join(await newFolder(), 'file');
    await writeFile(file, '');
    await expect(openImageArchive(pathToFileURL(file).href)).rejects.toMatchObject({ kind: 'invalid-request' });
  });

  // Node's own recursive mkdir never ends there.
  it.runIf(process.platform === 'linux')('is refused at once where no folder can be made', async () => {
    await expect(openImageArchive('file:///proc/none/deeper')).rejects.toMatchObject({
      kind: 'invalid-request',
      message: expect.stringContaining('ENOENT') as string,
    });
  });
});

it('lets nobody who can write to the archive choose files of a worker', async () => {
  const folder = await newFolder();
  const archive = await openArchive(pathToFileURL(folder).href);
  const queue = await world.openQueue();
  const [task] = tasks(1);
  if (task === undefined) throw new Error('no task');
  const [queued] = await queue.enqueueTasks([task]);
  const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  await archive.put('empty', new Uint8Array(), 'image/png');
  const outside = join(await newFolder(), 'chosen.png');
  const images = [`../${outside.split('/').at(-2)}/chosen.png`, outside].map((path) => ({
    name: 'empty',
    path,
    sha256,
    address: '',
  }));
  await archive.put(
    `.holodeck/jobs/${queued?.jobId}.json`,
    Buffer.from(JSON.stringify({ version: 1, images })),
    'application/json',
  );
  const work = await newFolder();
  await world.startWorker({ archive }, { outputDir: work });
  expect(await run(queue, [task])).toMatchObject([{ success: true }]);
  await expect(readFile(outside)).rejects.toMatchObject({ code: 'ENOENT' });
});
