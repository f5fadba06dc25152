import { readdir } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { GenerationTask, TaskEvent } from '@holodeck/core';
import { createHunyuanClient } from '@holodeck/hunyuan';
import { createImageWorker, listQueueStatus } from '@holodeck/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { heldMs } from '../../../test/support/pushed-clock.ts';
import { until } from '../../../test/support/until.ts';
import { QueueWorld, tasks } from './support/queue-world.ts';
import { startRedisServer, type RedisServer } from './support/redis-server.ts';

let server: RedisServer;
let world: QueueWorld;

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => server.close());

beforeEach(async () => {
  world = await QueueWorld.start(server);
});
afterEach(async () => world.close());

describe('the queue of a lane', () => {
  it('makes images, reports progress, and returns results like a client', async () => {
    const queue = await world.openQueue();
    await world.startWorker();
    const events: TaskEvent[] = [];
    const results = [];
    for await (const result of queue.generateStream(tasks(5), { onProgress: (event) => events.push(event) })) {
      results.push(result);
    }
    expect(results.map(({ success }) => success)).toEqual([true, true, true, true, true]);
    expect((await readdir(world.folder)).filter((name) => name.endsWith('.png'))).toHaveLength(5);
    expect(world.emulator.ledger.accepted).toBe(5);
    const first = events.filter(({ taskId }) => taskId === 'task-0');
    expect(first.map((event) => (event.type === 'state' ? event.state : event.type))).toEqual(
      expect.arrayContaining(['submitting', 'accepted', 'done', 'settled']),
    );
    expect(first.at(-1)?.type).toBe('settled');
    expect(await queue.status()).toMatchObject({
      backend: 'hunyuan',
      limit: world.limit,
      waiting: 0,
      completed: 5,
      failed: 0,
    });
    expect((await listQueueStatus(world.connection)).map(({ name }) => name)).toEqual([queue.name]);
  });

  it('keeps priorities, and the order of equals', async () => {
    const queue = await world.openQueue();
    world.emulator.set({ limit: 1 });
    await queue.enqueueTasks(tasks(4, { priority: -5 }, 'low'));
    await queue.enqueueTasks(tasks(4, {}, 'middle'));
    const high = await queue.enqueueTasks(tasks(4, { priority: 10 }, 'high'));
    await world.startWorker({ limit: 1 });
    const low = tasks(4, { priority: -5 }, 'low');
    for await (const result of queue.generateStream([...low, ...tasks(4, {}, 'middle')]))
      expect(result.success).toBe(true);
    for (const queued of high) expect((await queue.result(queued)).success).toBe(true);
    const order = world.emulator.ledger.entries.map(({ prompt }) => prompt);
    expect(order).toEqual(['high', 'middle', 'low'].flatMap((name) => tasks(4, {}, name).map(({ prompt }) => prompt)));
  });

  it('gives a late caller the state of the job', async () => {
    world.emulator.set({ jobMs: 600_000 });
    const early = await world.openQueue();
    await world.startWorker();
    const [queued] = await early.enqueueTasks(tasks(1));
    if (queued === undefined) throw new Error('no task');
    const events: TaskEvent[] = [];
    const accepted = Promise.withResolvers<void>();
    const result = early.result(queued, {
      onProgress: (event) => {
        events.push(event);
        if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
      },
    });
    await accepted.promise;
    const told = Promise.withResolvers<TaskEvent>();
    const late = (await world.openQueue()).result(queued, { onProgress: (event) => told.resolve(event) });
    const current = await told.promise;
    // What the first caller hears comes on another connection, so perhaps later.
    await until(() => events.some((event) => isDeepStrictEqual(event, current)));
    expect(await early.cancel(queued)).toBe('requested');
    expect(await result).toMatchObject({ success: false });
    expect(await late).toMatchObject({ success: false });
  });

  it('puts a task in once, and does not pay again for one that is over', async () => {
    const queue = await world.openQueue();
    const [first] = await queue.enqueueTasks(tasks(1));
    const [second] = await (await world.openQueue()).enqueueTasks(tasks(1));
    expect(second).toEqual(first);
    expect(await queue.status()).toMatchObject({ waiting: 1 });
    await world.startWorker();
    const source = async (): Promise<unknown> => {
      for await (const result of queue.generateStream(tasks(1))) return result.success && result.source;
      return undefined;
    };
    expect(await source()).toBe('generated');
    expect(await source()).toBe('resumed');
    expect(world.emulator.ledger.accepted).toBe(1);
  });

  it('yields results as they come, also while the source waits for them', async () => {
    const queue = await world.openQueue();
    await world.startWorker();
    let made = Promise.withResolvers<void>();
    async function* oneByOne(): AsyncGenerator<GenerationTask> {
      for (const task of tasks(3)) {
        yield task;
        await made.promise;
        made = Promise.withResolvers();
      }
    }
    const ids: string[] = [];
    for await (const { taskId } of queue.generateStream(oneByOne())) {
      ids.push(taskId);
      made.resolve();
    }
    expect(ids).toEqual(['task-0', 'task-1', 'task-2']);
  });

  it('draws no more when its results are not wanted any more, and ends with an abort', async () => {
    const queue = await world.openQueue();
    await world.startWorker();
    const source = async function* (): AsyncGenerator<GenerationTask> {
      yield* tasks(1);
      await new Promise(() => undefined);
    };
    for await (const { success } of queue.generateStream(source())) {
      expect(success).toBe(true);
      break;
    }
    const controller = new AbortController();
    const reason = new Error('enough');
    const waiting = (async () => {
      for await (const result of queue.generateStream(source(), { signal: controller.signal })) {
        if (result.success) controller.abort(reason);
      }
    })();
    await expect(waiting).rejects.toBe(reason);
    expect(world.emulator.ledger.accepted).toBe(1);
  });

  it('fails a task with its own error and keeps the others going', async () => {
    const queue = await world.openQueue();
    await world.startWorker();
    const bad = { prompt: '__illegal__ picture', taskId: 'bad', size: '512x512' };
    const results = new Map();
    for await (const result of queue.generateStream([...tasks(3), bad])) results.set(result.taskId, result);
    expect(results.get('bad')).toMatchObject({ success: false, error: { kind: 'content-policy' } });
    expect(results.get('bad').error.message).toMatch(/./);
    expect([...results.values()].filter(({ success }) => success)).toHaveLength(3);
    expect(await queue.status()).toMatchObject({ completed: 3, failed: 1 });
  });

  it('refuses a task that cannot be queued before anything is put in', async () => {
    const queue = await world.openQueue();
    const wrong = [...tasks(2), { prompt: 'x', priority: 0.5 }];
    await expect(queue.enqueueTasks(wrong)).rejects.toMatchObject({ kind: 'invalid-request' });
    expect(await queue.status()).toMatchObject({ waiting: 0 });
  });

  // Somebody else uses the account: refusals are free, and no task fails for them.
  it('uses up no attempt on refusals, and follows the limit that they show', async () => {
    const queue = await world.openQueue();
    world.emulator.set({ limit: 1, jobMs: heldMs });
    const worker = await world.startWorker({ limit: 3 });
    const results = Array.fromAsync(queue.generateStream(tasks(4)));
    await until(async () => world.emulator.ledger.refusals > 0 && (await queue.status()).limit === 1);
    world.emulator.set({ jobMs: 30 });
    world.clock.push();
    expect((await results).map(({ success }) => success)).toEqual([true, true, true, true]);
    const { accepted, maxConcurrent } = world.emulator.ledger;
    expect({ accepted, maxConcurrent }).toEqual({ accepted: 4, maxConcurrent: 1 });
    expect(worker.stats()).toMatchObject({ completed: 4, failed: 0 });
  });

  it('cancels a task that waits and one that runs', async () => {
    const queue = await world.openQueue();
    world.emulator.set({ jobMs: 600_000 });
    const [running, waiting] = await queue.enqueueTasks(tasks(2));
    if (running === undefined || waiting === undefined) throw new Error('no tasks');
    await world.startWorker({ limit: 1 });
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
    expect(world.emulator.ledger.accepted).toBe(1);
  });

  it('says of a task that is taken out of the queue after the provider took it that it is paid', async () => {
    const queue = await world.openQueue();
    world.emulator.set({ jobMs: 600_000 });
    const [queued] = await queue.enqueueTasks(tasks(1));
    if (queued === undefined) throw new Error('no task');
    const worker = await world.startWorker({ limit: 1 });
    const accepted = Promise.withResolvers<void>();
    const result = queue.result(queued, {
      onProgress: (event) => {
        if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
      },
    });
    await accepted.promise;
    await worker.close({ graceMs: 0 });
    expect(await queue.cancel(queued)).toBe('removed');
    expect(await result).toMatchObject({ success: false, error: { kind: 'aborted', outcome: 'accepted' } });
    expect(await queue.result(queued)).toMatchObject({
      success: false,
      error: { kind: 'aborted', outcome: 'accepted' },
    });
  });

  it('does not say that nothing was sent when the server has lost the queue', async () => {
    const queue = await world.openQueue();
    world.emulator.set({ jobMs: 600_000 });
    const [running, waiting] = await queue.enqueueTasks(tasks(2));
    if (running === undefined || waiting === undefined) throw new Error('no tasks');
    await world.startWorker({ limit: 1 });
    const accepted = Promise.withResolvers<void>();
    const results = [running, waiting].map((task) =>
      queue.result(task, {
        onProgress: (event) => {
          if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
        },
      }),
    );
    await accepted.promise;
    const keys = await server.inspect.keys(`{${world.prefix}}:*`);
    await server.inspect.del(keys);
    for (const result of await Promise.all(results)) {
      expect(result).toMatchObject({ success: false, error: { kind: 'storage', outcome: 'unknown' } });
    }
  });

  it('gives interrupted tasks back when a worker is closed, and the next one collects them', async () => {
    const queue = await world.openQueue();
    world.emulator.set({ jobMs: 400 });
    const first = await world.startWorker();
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
    await world.startWorker();
    expect(await results).toEqual([true, true, true, true, true, true]);
    expect(world.emulator.ledger.accepted).toBe(6);
  });

  it('says what is wrong with a client that cannot be a worker’s', async () => {
    const client = createHunyuanClient({ ...world.credentials, outputDir: world.folder });
    const inMemory = createHunyuanClient(world.credentials);
    world.onClose(() => client.close());
    world.onClose(() => inMemory.close());
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
