import type { TaskEvent } from '@holodeck/core';
import type { ImageQueue, QueuedTask } from '@holodeck/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
  world.emulator.set({ jobMs: 600_000 });
});
afterEach(async () => world.close());

async function putIn(queue: ImageQueue): Promise<QueuedTask> {
  const [queued] = await queue.enqueueTasks(tasks(1));
  if (queued === undefined) throw new Error('no task');
  return queued;
}

/** A task that the provider took and that went back into the queue after its worker reported `last`. */
async function putBack(isLast: (event: TaskEvent) => boolean): Promise<QueuedTask> {
  const queue = await world.openQueue();
  const queued = await putIn(queue);
  const worker = await world.startWorker({ limit: 1 });
  const told = Promise.withResolvers<void>();
  const waiting = new AbortController();
  const result = queue.result(queued, {
    signal: waiting.signal,
    onProgress: (event) => {
      if (isLast(event)) told.resolve();
    },
  });
  await told.promise;
  waiting.abort(new Error('enough'));
  await expect(result).rejects.toThrow('enough');
  await worker.close({ graceMs: 0 });
  expect(await queue.status()).toMatchObject({ waiting: 1, active: 0 });
  expect(world.emulator.ledger.accepted).toBe(1);
  return queued;
}

const isAccepted = (event: TaskEvent): boolean => event.type === 'state' && event.state === 'accepted';
const aborted = (outcome: string): object => ({ success: false, error: { kind: 'aborted', outcome } });

describe('a task that the provider took, that went back into the queue and was taken out', () => {
  it('is accepted for somebody who only began to wait afterwards', async () => {
    const queued = await putBack(isAccepted);
    const late = await world.openQueue();
    const result = late.result(queued);
    expect(await (await world.openQueue()).cancel(queued)).toBe('removed');
    expect(await result).toMatchObject(aborted('accepted'));
  });

  it('is accepted for those who ask the one who took it out', async () => {
    const queued = await putBack(isAccepted);
    const queue = await world.openQueue();
    expect(await queue.cancel(queued)).toBe('removed');
    expect(await queue.result(queued)).toMatchObject(aborted('accepted'));
  });

  it('is unknown if the last report of its worker has no state', async () => {
    const queued = await putBack(({ type }) => type === 'progress');
    const queue = await world.openQueue();
    const result = queue.result(queued);
    expect(await queue.cancel(queued)).toBe('removed');
    expect(await result).toMatchObject(aborted('unknown'));
    expect(await queue.result(queued)).toMatchObject(aborted('unknown'));
  });

  it('is unknown for those who have never seen it in the queue', async () => {
    const queued = await putBack(isAccepted);
    const late = await world.openQueue();
    expect(await (await world.openQueue()).cancel(queued)).toBe('removed');
    expect(await late.result(queued)).toMatchObject(aborted('unknown'));
  });
});

describe('a task that was taken out before any worker had it', () => {
  it('has sent nothing, for those who waited and for those who ask the one who took it out', async () => {
    const queue = await world.openQueue();
    const queued = await putIn(queue);
    const other = await world.openQueue();
    const result = other.result(queued);
    // Its look at the job is over when it reports that another one does not exist.
    expect(await other.cancel({ jobId: 'none' })).toBe('absent');
    expect(await queue.cancel(queued)).toBe('removed');
    expect(await result).toMatchObject(aborted('not-submitted'));
    expect(await queue.result(queued)).toMatchObject(aborted('not-submitted'));
  });

  it('is unknown for those who have never seen it', async () => {
    const queue = await world.openQueue();
    const queued = await putIn(queue);
    const late = await world.openQueue();
    expect(await queue.cancel(queued)).toBe('removed');
    expect(await late.result(queued)).toMatchObject(aborted('unknown'));
  });
});
