import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GenerationResult, GenerationTask } from '@holodeck/core';
import { paintPng } from '@holodeck/emulators';
import type { ImageQueue, ImageWorkerOptions, QueuedTask } from '@holodeck/redis';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { QueueWorld, tasks } from './support/queue-world.ts';
import { startRedisServer, type RedisServer } from './support/redis-server.ts';

const mebibyte = 1024 * 1024;
let server: RedisServer;
let world: QueueWorld;
let queue: ImageQueue;

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => server.close());

beforeEach(async () => {
  world = await QueueWorld.start(server);
  queue = await world.openQueue();
});
afterEach(async () => world.close());

async function putIn(task: GenerationTask): Promise<QueuedTask> {
  const [queued] = await queue.enqueueTasks([task]);
  if (queued === undefined) throw new Error('no task');
  return queued;
}

async function run(task: GenerationTask): Promise<GenerationResult> {
  return queue.result(await putIn(task));
}

/** Where the server keeps the fields of a job. */
function keyOf({ jobId }: QueuedTask): string {
  return `{${world.prefix}}:queue:${queue.name}:${jobId}`;
}

describe('the references of a queued task', () => {
  const picture = paintPng({ width: 256, height: 256, prompt: 'a lamp', seed: 1 });
  let outside: string;
  let count = 0;

  beforeEach(async () => {
    const other = await QueueWorld.start(server);
    world.onClose(() => other.close());
    outside = other.folder;
    await writeFile(join(outside, 'secret.png'), picture);
    await writeFile(join(world.folder, 'own.png'), picture);
    await symlink(join(outside, 'secret.png'), join(world.folder, 'link.png'));
    await symlink('/dev/zero', join(world.folder, 'endless.png'));
  });

  async function runWith(
    reference: { readonly path: string } | { readonly bytes: Uint8Array },
    options: Partial<ImageWorkerOptions> = {},
  ): Promise<GenerationResult> {
    const worker = await world.startWorker(options);
    count += 1;
    const result = await run({ ...tasks(1)[0], prompt: 'a lamp', taskId: `lamp-${count}`, references: [reference] });
    await worker.close({ graceMs: 0 });
    return result;
  }

  it('are read from the output folder and from nowhere else, and no error tells what exists elsewhere', async () => {
    const messages: string[] = [];
    for (const path of [
      join(outside, 'secret.png'),
      join(outside, 'absent.png'),
      join(world.folder, 'link.png'),
      join(world.folder, 'endless.png'),
      join(world.folder, 'absent.png'),
      `${world.folder}-beside/own.png`,
    ]) {
      const result = await runWith({ path });
      expect(result, path).toMatchObject({
        success: false,
        error: { kind: 'invalid-request', outcome: 'not-submitted', messageId: 'redis.file-refused' },
      });
      if (!result.success) messages.push(result.error.message);
    }
    expect(new Set(messages).size).toBe(1);
    expect(await runWith({ path: join(world.folder, 'own.png') })).toMatchObject({ success: true });
    expect(await runWith({ bytes: picture })).toMatchObject({ success: true });
    expect(world.emulator.ledger.accepted).toBe(2);
  });

  it('may lie in a folder that the worker allows', async () => {
    const allowed = { allowReferences: outside };
    expect(await runWith({ path: join(outside, 'secret.png') }, allowed)).toMatchObject({ success: true });
    expect(await runWith({ path: join(world.folder, 'own.png') }, allowed)).toMatchObject({ success: false });
    await expect(world.startWorker({ allowReferences: join(outside, 'absent') })).rejects.toMatchObject({
      kind: 'invalid-request',
      messageId: 'redis.references-folder',
    });
  });

  // OpenAI's mask and markup name a file, too.
  it.each(['mask', 'markup'])('%s among the options of a backend keeps to the same folder', async (name) => {
    await world.startWorker();
    for (const value of [join(outside, 'secret.png'), { path: join(outside, 'absent.png') }]) {
      count += 1;
      const providerOptions = { openai: { [name]: value } };
      expect(await run({ prompt: 'a lamp', taskId: `lamp-${count}`, providerOptions })).toMatchObject({
        success: false,
        error: { messageId: 'redis.file-refused' },
      });
    }
    count += 1;
    const providerOptions = { openai: { [name]: picture } };
    expect(await run({ prompt: 'a lamp', taskId: `lamp-${count}`, size: '512x512', providerOptions })).toMatchObject({
      success: true,
    });
  });
});

describe('a task that is too large', () => {
  const long = { prompt: '雨'.repeat(mebibyte / 3 + 1), taskId: 'long' };
  const heavy = { prompt: 'a lamp', taskId: 'heavy', references: [{ bytes: new Uint8Array(25 * mebibyte) }] };

  it('is refused before it is put in, by its text and with its references', async () => {
    await expect(queue.enqueueTasks([...tasks(1), long])).rejects.toMatchObject({
      kind: 'invalid-request',
      outcome: 'not-submitted',
      messageId: 'redis.payload-text',
    });
    await expect(queue.enqueueTasks([heavy])).rejects.toMatchObject({ messageId: 'redis.payload-references' });
    expect(await queue.status()).toMatchObject({ waiting: 0 });
  });

  it('is refused by the worker where another program has put it in', async () => {
    const { url, prefix } = world.connection;
    const foreign = new Queue(queue.name, { connection: { url }, prefix: `{${prefix}}:queue` });
    world.onClose(() => foreign.close());
    await foreign.add('image', { version: 1, task: long }, { jobId: 'long', attempts: 1 });
    const bytesBase64 = Buffer.alloc(25 * mebibyte).toString('base64');
    await foreign.add('image', { version: 1, task: { ...heavy, references: [{ bytesBase64 }] } }, { jobId: 'heavy' });
    await world.startWorker();
    for (const [taskId, end] of [
      ['long', 'text'],
      ['heavy', 'references'],
    ] as const) {
      expect(await queue.result({ jobId: taskId, taskId, scope: 'tasks' })).toMatchObject({
        success: false,
        error: { kind: 'invalid-request', outcome: 'not-submitted', messageId: `redis.payload-${end}` },
      });
    }
    expect(world.emulator.ledger.accepted).toBe(0);
  });
});

describe('a task whose workers die', () => {
  it('is given up after the third, is listed, and can be run again', async () => {
    world.emulator.set({ jobMs: 600_000 });
    const [task = { prompt: '' }] = tasks(1);
    const queued = await putIn(task);
    const accepted = Promise.withResolvers<void>();
    const result = queue.result(queued, {
      onProgress: (event) => {
        if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
      },
    });
    for (let deaths = 1; deaths <= 3; deaths += 1) {
      const process = await world.startProcess();
      await until(async () => Number(await server.inspect.hget(keyOf(queued), 'ats')) >= deaths);
      await accepted.promise;
      await process.kill();
      await world.endLocks();
    }
    const worker = await world.startWorker();
    expect(await result).toMatchObject({
      success: false,
      error: { kind: 'internal', outcome: 'unknown', messageId: 'redis.workers-died' },
    });
    expect(await queue.status()).toMatchObject({ failed: 1, active: 0, givenUp: ['task-0'] });
    await until(() => worker.stats().failed === 1);
    world.emulator.set({ jobMs: 30 });
    world.clock.push();
    expect(await run(task)).toMatchObject({ success: true, source: 'resumed' });
    expect(world.emulator.ledger.accepted).toBe(1);
    expect(await queue.status()).toMatchObject({ failed: 0, givenUp: [] });
  });
});

describe('damaged data on the server', () => {
  it.each([
    ['data', 'not JSON'],
    ['data', '{"version":1}'],
    ['data', '{"version":1,"task":{"taskId":7,"prompt":"a lamp"}}'],
    ['data', '{"version":1,"task":{"taskId":"task-0","prompt":"a lamp","references":"none"}}'],
    ['opts', '{'],
    ['progress', '{'],
  ])('in %s of a job (%s) fails that job, and the worker goes on', async (field, value) => {
    const damaged = await putIn(tasks(1)[0] ?? { prompt: '' });
    await server.inspect.hset(keyOf(damaged), field, value);
    const worker = await world.startWorker();
    const result = queue.result(damaged);
    expect(await run({ prompt: 'a lamp', taskId: 'lamp', size: '512x512' })).toMatchObject({ success: true });
    expect(await result).toMatchObject({
      success: false,
      taskId: 'task-0',
      error: { kind: 'internal', outcome: 'unknown', messageId: 'redis.job-damaged' },
    });
    expect(worker.isHealthy).toBe(true);
    expect(world.emulator.ledger.accepted).toBe(1);
  });

  it('in what is beside the jobs keeps no worker from its work', async () => {
    const base = `{${world.prefix}}`;
    await server.inspect.hset(`${base}:queue:workers:${queue.name}`, 'one', 'no report', 'two', `${Date.now()} {`);
    await server.inspect.hset(`${base}:queue:lanes`, 'another', '{');
    await world.startWorker();
    expect(await run({ prompt: 'a lamp', taskId: 'lamp', size: '512x512' })).toMatchObject({ success: true });
    expect((await queue.status()).workers).toHaveLength(1);
  });

  it('in the row of a task fails that task', async () => {
    const worker = await world.startWorker();
    const [task = { prompt: '' }] = tasks(1);
    expect(await run(task)).toMatchObject({ success: true });
    const rows = await server.inspect.keys(`{${world.prefix}}:tasks*`);
    let damaged = 0;
    for (const key of rows) {
      if ((await server.inspect.type(key)) !== 'hash' || (await server.inspect.hexists(key, 'handle')) === 0) continue;
      await server.inspect.hset(key, 'handle', '{');
      damaged += 1;
    }
    expect(damaged).toBe(1);
    expect(await run(task)).toMatchObject({ success: false });
    expect(await run({ prompt: 'a lamp', taskId: 'lamp', size: '512x512' })).toMatchObject({ success: true });
    expect(worker.isHealthy).toBe(true);
  });
});

describe('a server that repeats the key', () => {
  it.each(['refuse', 'fail-job'] as const)('leaves it nowhere in the queue (%s)', async (kind) => {
    const { secretId, secretKey } = world.credentials;
    const operation = kind === 'refuse' ? 'submit' : 'query';
    world.emulator.setFaults([
      { kind, operation, code: `Wrong.${secretKey}`, message: `Key ${secretId} ${secretKey}.` },
    ]);
    await world.startWorker();
    expect(await run(tasks(1)[0] ?? { prompt: '' })).toMatchObject({ success: false });
    const kept = await everything();
    expect(kept).toContain('task-0');
    expect(kept).toContain('Wrong.');
    expect(kept).not.toContain(secretKey);
    expect(kept).not.toContain(secretId);
  });

  async function everything(): Promise<string> {
    const { inspect } = server;
    const texts: unknown[] = [];
    for (const key of await inspect.keys(`{${world.prefix}}*`)) {
      const type = await inspect.type(key);
      if (type === 'hash') texts.push(await inspect.hgetall(key));
      else if (type === 'stream') texts.push(await inspect.xrange(key, '-', '+'));
      else if (type === 'zset') texts.push(await inspect.zrange(key, '0', '-1'));
      else if (type === 'list') texts.push(await inspect.lrange(key, 0, -1));
      else if (type === 'set') texts.push(await inspect.smembers(key));
      else texts.push(await inspect.get(key));
    }
    return JSON.stringify(texts);
  }
});
