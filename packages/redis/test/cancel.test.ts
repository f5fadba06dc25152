import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createComfyUIClient } from '@holodeck/comfyui';
import { startComfyUIEmulator } from '@holodeck/emulators';
import { createImageQueue, createImageWorker, openRedisPermits, openRedisStore } from '@holodeck/redis';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { heldMs, PushedClock } from '../../../test/support/pushed-clock.ts';
import { until } from '../../../test/support/until.ts';
import { startRedisServer, type RedisServer } from './support/redis-server.ts';
import { startWorkerProcess } from './support/worker-process.ts';

it('a cancelled task stops the job at the provider, and the next one has its place', async () => {
  const server = await startRedisServer();
  const outputDir = await mkdtemp(join(tmpdir(), 'holodeck-cancel-'));
  const emulator = await startComfyUIEmulator({ jobMs: 600_000 });
  const connection = { url: server.url };
  const [store, permits] = [await openRedisStore(connection), await openRedisPermits(connection)];
  const client = createComfyUIClient({ url: emulator.url, store, permits, outputDir, maxConcurrent: 1 });
  const [lane] = client.backend.lanes;
  if (lane === undefined) throw new Error('no lane');
  const queue = await createImageQueue({ ...connection, lane });
  const worker = await createImageWorker({ ...connection, client });
  try {
    const prompts = ['first', 'second'].map((prompt) => ({ prompt, size: '512x512' }));
    const [first, second] = await queue.enqueueTasks(prompts);
    if (first === undefined || second === undefined) throw new Error('no tasks');
    const accepted = Promise.withResolvers<void>();
    const result = queue.result(first, {
      onProgress: (event) => {
        if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
      },
    });
    await accepted.promise;
    emulator.set({ jobMs: 20 });
    expect(await queue.cancel(first)).toBe('requested');
    expect(await result).toMatchObject({ success: false, error: { kind: 'aborted', outcome: 'failed' } });
    expect(emulator.ledger.entries[0]).toMatchObject({ state: 'cancelled' });
    expect(await queue.result(second)).toMatchObject({ success: true });
    expect(worker.stats()).toMatchObject({ completed: 1, failed: 1, requeued: 0 });
    expect(emulator.ledger.accepted).toBe(2);
  } finally {
    await worker.close({ graceMs: 0 });
    await queue.close();
    await client.close();
    await permits.close();
    await store.close();
    await emulator.close();
    await server.close();
    await rm(outputDir, { recursive: true, force: true });
  }
});

it('a worker whose connection broke while the task was cancelled stops it nevertheless', async () => {
  const server = await startRedisServer();
  const outputDir = await mkdtemp(join(tmpdir(), 'holodeck-cancel-'));
  const emulator = await startComfyUIEmulator({ jobMs: 600_000 });
  const connection = { url: server.url, prefix: 'deaf' };
  const [store, permits] = [await openRedisStore(connection), await openRedisPermits(connection)];
  const client = createComfyUIClient({ url: emulator.url, store, permits, outputDir });
  const [lane] = client.backend.lanes;
  if (lane === undefined) throw new Error('no lane');
  const queue = await createImageQueue({ ...connection, lane });
  const worker = await createImageWorker({ ...connection, client });
  const admin = new Redis(server.url);
  try {
    const [queued] = await queue.enqueueTasks([{ prompt: 'a lamp', size: '512x512' }]);
    if (queued === undefined) throw new Error('no task');
    const accepted = Promise.withResolvers<void>();
    const result = queue.result(queued, {
      onProgress: (event) => {
        if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
      },
    });
    await accepted.promise;
    // In one transaction, so that nobody has come back when the message is published.
    const [channel] = (await admin.pubsub('CHANNELS', '*:cancel:*')) as string[];
    if (channel === undefined) throw new Error('nobody listens');
    await admin
      .multi()
      .call('CLIENT', 'KILL', 'TYPE', 'pubsub')
      .set(`${channel}:${queued.jobId}`, 1)
      .publish(channel, queued.jobId)
      .exec();
    expect(await result).toMatchObject({ success: false, error: { kind: 'aborted' } });
    expect(emulator.ledger.entries[0]).toMatchObject({ state: 'cancelled' });
  } finally {
    admin.disconnect();
    await worker.close({ graceMs: 0 });
    await queue.close();
    await client.close();
    await permits.close();
    await store.close();
    await emulator.close();
    await server.close();
    await rm(outputDir, { recursive: true, force: true });
  }
});

// A worker that stood still finds its lock gone. It must not stop at the provider what the other one is collecting.
it('a worker that lost its job to another one cancels nothing', async () => {
  const server = await startRedisServer();
  const outputDir = await mkdtemp(join(tmpdir(), 'holodeck-cancel-'));
  const clock = new PushedClock();
  const emulator = await startComfyUIEmulator({ jobMs: heldMs, clock });
  const connection = { url: server.url, prefix: 'lost' };
  const { backend } = createComfyUIClient({ url: emulator.url });
  const [lane] = backend.lanes;
  if (lane === undefined) throw new Error('no lane');
  const queue = await createImageQueue({ ...connection, lane });
  const settings = { ...connection, outputDir, comfyUIUrl: emulator.url, maxConcurrent: 1 };
  const first = await startWorkerProcess(settings);
  const workers = [first];
  try {
    const [queued] = await queue.enqueueTasks([{ prompt: 'a lamp', size: '512x512' }]);
    if (queued === undefined || first.pid === undefined) throw new Error('no task');
    const accepted = Promise.withResolvers<void>();
    const result = queue.result(queued, {
      onProgress: (event) => {
        if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
      },
    });
    await accepted.promise;
    const second = await startWorkerProcess(settings);
    workers.push(second);
    process.kill(first.pid, 'SIGSTOP');
    await until(async () =>
      (await queue.status()).workers.some(({ worker, active }) => worker.includes(`/${second.pid}/`) && active > 0),
    );
    const reports = await watchReports(server, `/${first.pid}/`);
    process.kill(first.pid, 'SIGCONT');
    // A report each second: the lock, renewed more often than every other one, was found gone meanwhile.
    await until(async () => (await reports()) >= 3);
    let over = false;
    void result.finally(() => (over = true));
    await until(() => {
      clock.push();
      return over;
    });
    expect(await result).toMatchObject({ success: true, source: 'resumed' });
    expect(emulator.ledger.entries.map(({ state }) => state)).not.toContain('cancelled');
    expect(emulator.ledger.accepted).toBe(1);
  } finally {
    for (const worker of workers) await worker.kill();
    await queue.close();
    await backend.close();
    await emulator.close();
    await server.close();
    await rm(outputDir, { recursive: true, force: true });
  }
});

/** How often a worker has told how it stands since. */
async function watchReports({ inspect }: RedisServer, worker: string): Promise<() => Promise<number>> {
  const [key = ''] = await inspect.keys('*:workers:*');
  const last = async (): Promise<string | undefined> =>
    Object.entries(await inspect.hgetall(key))
      .find(([name]) => name.includes(worker))?.[1]
      .split(' ')[0];
  const seen = new Set([await last()]);
  return async () => seen.add(await last()).size - 1;
}
