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
});
