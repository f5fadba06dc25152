import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHunyuanEmulator, type HunyuanEmulator } from '@holodeck/emulators';
import { createHunyuanBackend, createHunyuanClient } from '@holodeck/hunyuan';
import {
  createImageQueue,
  createImageWorker,
  listQueueStatus,
  openRedisPermits,
  openRedisStore,
  type ImageQueue,
  type ImageWorkerOptions,
} from '@holodeck/redis';
import type { GenerationTask, TaskEvent } from '@holodeck/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRedisServer, type RedisServer } from './support/redis-server.ts';
import { startWorkerProcess, type WorkerProcess } from './support/worker-process.ts';

const limit = 3;
let server: RedisServer;
let emulator: HunyuanEmulator;
let folder: string;
let prefix: string;
let rounds = 0;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => server.close());

beforeEach(async () => {
  rounds += 1;
  prefix = `queue-${rounds}`;
  folder = await mkdtemp(join(tmpdir(), 'holodeck-queue-'));
  emulator = await startHunyuanEmulator({ limit, jobMs: 30, submitRate: 'off', queryRate: 'off' });
});
afterEach(async () => {
  for (const work of cleanUp.splice(0).toReversed()) await work();
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

function tasks(count: number, more: Partial<GenerationTask> = {}, name = 'task'): GenerationTask[] {
  return Array.from({ length: count }, (_, index) => ({
    prompt: `${name} ${index}`,
    taskId: `${name}-${index}`,
    size: '512x512',
    ...more,
  }));
}

function credentials(): { endpoint: string; secretId: string; secretKey: string } {
  const { secretId, secretKey } = emulator.credentials;
  return { endpoint: emulator.url, secretId, secretKey };
}

async function openQueue(): Promise<ImageQueue> {
  const backend = createHunyuanBackend(credentials());
  const [lane] = backend.lanes;
  if (lane === undefined) throw new Error('no lane');
  const queue = await createImageQueue({ url: server.url, prefix, lane, backend });
  cleanUp.push(
    () => queue.close(),
    () => backend.close(),
  );
  return queue;
}

async function startWorker(
  options: Partial<ImageWorkerOptions> = {},
): Promise<Awaited<ReturnType<typeof createImageWorker>>> {
  const connection = { url: server.url, prefix };
  const [store, permits] = [await openRedisStore(connection), await openRedisPermits(connection)];
  const client = createHunyuanClient({ ...credentials(), store, permits, outputDir: folder, maxConcurrent: limit });
  const worker = await createImageWorker({ ...connection, client, ...options });
  cleanUp.push(
    () => store.close(),
    () => permits.close(),
    () => client.close(),
    () => worker.close({ graceMs: 0 }),
  );
  return worker;
}

async function startProcess(): Promise<WorkerProcess> {
  const connection = { url: server.url, prefix };
  const process = await startWorkerProcess({
    ...connection,
    ...credentials(),
    outputDir: folder,
    maxConcurrent: limit,
  });
  cleanUp.push(() => process.kill());
  return process;
}

describe('the queue of a lane', () => {
  it('makes images, tells progress, and gives results in the form of a client', async () => {
    const queue = await openQueue();
    await startWorker();
    const events: TaskEvent[] = [];
    const results = [];
    for await (const result of queue.generateStream(tasks(5), { onProgress: (event) => events.push(event) })) {
      results.push(result);
    }
    expect(results.map(({ success }) => success)).toEqual([true, true, true, true, true]);
    expect((await readdir(folder)).filter((name) => name.endsWith('.png'))).toHaveLength(5);
    expect(emulator.ledger.accepted).toBe(5);
    const first = events.filter(({ taskId }) => taskId === 'task-0');
    expect(first.map((event) => (event.type === 'state' ? event.state : event.type))).toEqual(
      expect.arrayContaining(['submitting', 'accepted', 'done', 'settled']),
    );
    expect(first.at(-1)?.type).toBe('settled');
    expect(await queue.status()).toMatchObject({ backend: 'hunyuan', limit, waiting: 0, completed: 5, failed: 0 });
    expect((await listQueueStatus({ url: server.url, prefix })).map(({ name }) => name)).toEqual([queue.name]);
  });

  it('keeps priorities, and the order of equals', async () => {
    const queue = await openQueue();
    emulator.set({ limit: 1 });
    await queue.enqueueTasks(tasks(4, { priority: -5 }, 'low'));
    await queue.enqueueTasks(tasks(4, {}, 'middle'));
    const high = await queue.enqueueTasks(tasks(4, { priority: 10 }, 'high'));
    await startWorker({ limit: 1 });
    const low = tasks(4, { priority: -5 }, 'low');
    for await (const result of queue.generateStream([...low, ...tasks(4, {}, 'middle')]))
      expect(result.success).toBe(true);
    for (const queued of high) expect((await queue.result(queued)).success).toBe(true);
    const order = emulator.ledger.entries.map(({ prompt }) => prompt);
    expect(order).toEqual(['high', 'middle', 'low'].flatMap((name) => tasks(4, {}, name).map(({ prompt }) => prompt)));
  });

  it('puts a task in once, and does not pay again for one that is over', async () => {
    const queue = await openQueue();
    const [first] = await queue.enqueueTasks(tasks(1));
    const [second] = await (await openQueue()).enqueueTasks(tasks(1));
    expect(second).toEqual(first);
    expect(await queue.status()).toMatchObject({ waiting: 1 });
    await startWorker();
    const source = async (): Promise<unknown> => {
      for await (const result of queue.generateStream(tasks(1))) return result.success && result.source;
      return undefined;
    };
    expect(await source()).toBe('generated');
    expect(await source()).toBe('resumed');
    expect(emulator.ledger.accepted).toBe(1);
  });

  it('fails a task with its own error and keeps the others going', async () => {
    const queue = await openQueue();
    await startWorker();
    const bad = { prompt: '__illegal__ picture', taskId: 'bad', size: '512x512' };
    const results = new Map();
    for await (const result of queue.generateStream([...tasks(3), bad])) results.set(result.taskId, result);
    expect(results.get('bad')).toMatchObject({ success: false, error: { kind: 'content-policy' } });
    expect(results.get('bad').error.message).toMatch(/./);
    expect([...results.values()].filter(({ success }) => success)).toHaveLength(3);
    expect(await queue.status()).toMatchObject({ completed: 3, failed: 1 });
  });

  it('refuses a task that cannot be queued before anything is put in', async () => {
    const queue = await openQueue();
    const wrong = [...tasks(2), { prompt: 'x', priority: 0.5 }];
    await expect(queue.enqueueTasks(wrong)).rejects.toMatchObject({ kind: 'invalid-request' });
    expect(await queue.status()).toMatchObject({ waiting: 0 });
  });

  // Somebody else uses the account: refusals are free, and no task fails for them.
  it('uses up no attempt on refusals, and follows the limit that they show', async () => {
    const queue = await openQueue();
    emulator.set({ limit: 1, jobMs: 1200 });
    const worker = await startWorker({ limit: 3 });
    for await (const result of queue.generateStream(tasks(4))) expect(result.success).toBe(true);
    const { accepted, maxConcurrent, refusals } = emulator.ledger;
    expect({ accepted, maxConcurrent }).toEqual({ accepted: 4, maxConcurrent: 1 });
    expect(refusals).toBeGreaterThan(0);
    expect(worker.stats()).toMatchObject({ completed: 4, failed: 0 });
    expect((await queue.status()).limit).toBe(1);
  });

  it('cancels a task that waits and one that runs', async () => {
    const queue = await openQueue();
    emulator.set({ jobMs: 600_000 });
    const [running, waiting] = await queue.enqueueTasks(tasks(2));
    if (running === undefined || waiting === undefined) throw new Error('no tasks');
    await startWorker({ limit: 1 });
    const accepted = Promise.withResolvers<void>();
    const result = queue.result(running, {
      onProgress: (event) => {
        if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
      },
    });
    await accepted.promise;
    const removed = queue.result(waiting);
    expect(await queue.cancel(waiting)).toBe('removed');
    expect(await removed).toMatchObject({ success: false, error: { kind: 'aborted', outcome: 'not-submitted' } });
    expect(await queue.cancel(running)).toBe('requested');
    // Hunyuan cannot stop a job: it is paid, and stays resumable.
    expect(await result).toMatchObject({ success: false, error: { kind: 'aborted', outcome: 'accepted' } });
    expect(await queue.cancel(running)).toBe('over');
    expect(await queue.cancel({ jobId: 'none' })).toBe('absent');
    expect(emulator.ledger.accepted).toBe(1);
  });

  it('gives interrupted tasks back when a worker is closed, and the next one collects them', async () => {
    const queue = await openQueue();
    emulator.set({ jobMs: 400 });
    const first = await startWorker();
    const accepted = Promise.withResolvers<void>();
    const results = (async () => {
      const list = [];
      const onProgress = (event: TaskEvent): void => {
        if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
      };
      for await (const result of queue.generateStream(tasks(6), { onProgress })) list.push(result.success);
      return list;
    })();
    await accepted.promise;
    await first.close({ graceMs: 0 });
    await first.finished;
    expect(await queue.status()).toMatchObject({ active: 0 });
    expect((await queue.status()).workers).toEqual([]);
    await startWorker();
    expect(await results).toEqual([true, true, true, true, true, true]);
    expect(emulator.ledger.accepted).toBe(6);
  });

  it('says what is wrong with a client that cannot be a worker’s', async () => {
    const client = createHunyuanClient({ ...credentials(), outputDir: folder });
    const inMemory = createHunyuanClient(credentials());
    cleanUp.push(
      () => client.close(),
      () => inMemory.close(),
    );
    await expect(createImageWorker({ url: server.url, client: inMemory })).rejects.toMatchObject({
      kind: 'invalid-request',
    });
    await expect(createImageWorker({ url: server.url, client, limit: 0 })).rejects.toMatchObject({
      kind: 'invalid-request',
    });
    const away = createImageWorker({ url: 'redis://:geheim@127.0.0.1:1', client, connectTimeoutMs: 200 });
    const error = await away.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'storage', outcome: 'not-submitted' });
    expect(JSON.stringify(error) + String(error)).not.toContain('geheim');
  });
});

/** Accepted twice, where the first one did not end without an image. */
function paidTwice(): string[] {
  const byPrompt = Map.groupBy(emulator.ledger.entries, ({ prompt }) => prompt);
  const ended = new Set(['failed', 'lost']);
  return [...byPrompt].flatMap(([prompt, list]) =>
    list.slice(0, -1).some(({ state }) => !ended.has(state)) ? [prompt] : [],
  );
}

/** Jobs of each of two producers. */
const count = Number(process.env['HOLODECK_QUEUE_JOBS'] ?? 40);

describe('several workers', () => {
  it('share one account between four workers and two producers', async () => {
    emulator.set({ jobMs: 250 });
    const workers = await Promise.all([startProcess(), startProcess(), startProcess(), startProcess()]);
    const run = async (name: string): Promise<number> => {
      let good = 0;
      for await (const result of (await openQueue()).generateStream(tasks(count, {}, name))) {
        if (result.success) good += 1;
      }
      return good;
    };
    expect(await Promise.all([run('first'), run('second')])).toEqual([count, count]);
    const { accepted, maxConcurrent, delivered } = emulator.ledger;
    expect({ accepted, delivered, maxConcurrent }).toEqual({
      accepted: 2 * count,
      delivered: 2 * count,
      maxConcurrent: limit,
    });
    expect(await Promise.all(workers.map((worker) => worker.stop()))).toEqual([0, 0, 0, 0]);
  });

  it('take over what a killed one had begun, and collect it', async () => {
    emulator.set({ jobMs: 1000 });
    const queue = await openQueue();
    const [queued] = await queue.enqueueTasks(tasks(1));
    if (queued === undefined) throw new Error('no task');
    const first = await startProcess();
    const accepted = Promise.withResolvers<void>();
    const takenUp = Promise.withResolvers<void>();
    let killed = false;
    const result = queue.result(queued, {
      onProgress: (event) => {
        if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
        if (killed) takenUp.resolve();
      },
    });
    await accepted.promise;
    await startProcess();
    await first.kill();
    killed = true;
    const startedAtMs = performance.now();
    await takenUp.promise;
    console.info(`taken over after ${Math.round(performance.now() - startedAtMs)} ms`);
    expect(await result).toMatchObject({ success: true, source: 'resumed' });
    expect(emulator.ledger.accepted).toBe(1);
  });

  it('lose nothing and pay nothing twice when they are killed', async () => {
    emulator.set({ jobMs: 150 });
    const queue = await openQueue();
    const workers = [await startProcess(), await startProcess()];
    const kills = Number(process.env['HOLODECK_QUEUE_KILLS'] ?? 4);
    let done = 0;
    let unknown = 0;
    let killed = 0;
    let killing = Promise.resolve();
    const killOne = async (): Promise<void> => {
      await workers.shift()?.kill();
      workers.push(await startProcess());
    };
    for await (const result of queue.generateStream(tasks(kills * 10))) {
      done += 1;
      if (!result.success) {
        // A submission that was under way when its process died can have arrived or not: nobody knows.
        expect(result.error.outcome).toBe('unknown');
        unknown += 1;
      }
      if (done % 8 === 0 && killed < kills) {
        killed += 1;
        killing = killing.then(killOne);
      }
    }
    await killing;
    const files = (await readdir(folder)).filter((name) => name.endsWith('.png'));
    console.info(
      `${kills} kills: ${JSON.stringify({ done, unknown, files: files.length, paidTwice: paidTwice().length })}`,
    );
    expect(done).toBe(kills * 10);
    expect(files).toHaveLength(kills * 10 - unknown);
    expect(unknown).toBeLessThanOrEqual(kills * limit);
    expect(paidTwice()).toEqual([]);
    expect(emulator.ledger.maxConcurrent).toBeLessThanOrEqual(limit);
  });

  it('go on when the server is killed and started again', async () => {
    emulator.set({ jobMs: 100 });
    const own = await startRedisServer();
    cleanUp.push(() => own.close());
    const before = server;
    server = own;
    try {
      const queue = await openQueue();
      await startProcess();
      await startProcess();
      let done = 0;
      let restarted = Promise.resolve();
      for await (const result of queue.generateStream(tasks(60))) {
        done += 1;
        expect(result).toMatchObject({ success: true });
        if (done === 20) restarted = own.kill().then(() => own.start());
      }
      await restarted;
      expect(done).toBe(60);
      expect(emulator.ledger.accepted).toBe(60);
      expect(emulator.ledger.maxConcurrent).toBeLessThanOrEqual(limit);
    } finally {
      for (const work of cleanUp.splice(0).toReversed()) await work();
      server = before;
    }
  });
});
