import { openRedisStore } from '@holodeck/redis';
import type { GenerationResult } from '@holodeck/core';
import type { ImageQueue, QueuedTask } from '@holodeck/redis';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { QueueWorld, tasks } from '../../../packages/redis/test/support/queue-world.ts';
import { startRedisServer } from '../../../packages/redis/test/support/redis-server.ts';
import type { RedisServer } from '../../../packages/redis/test/support/redis-server.ts';
import { filesOf, lineOfResult, linesOfLedger, section } from '../../traces/support/record.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => server.close());

/** A queue with three tasks. */
interface Stage {
  readonly world: QueueWorld;
  readonly queue: ImageQueue;
  readonly queued: readonly [QueuedTask, ...QueuedTask[]];
  /** Follows a task to its end. */
  follow(task: QueuedTask): { readonly accepted: Promise<void>; readonly result: Promise<GenerationResult> };
}

const scenarios: Readonly<Record<string, (stage: Stage) => Promise<readonly GenerationResult[]>>> = {
  'jobs done': async ({ world, queued, follow }) => {
    await world.startWorker();
    return Promise.all(queued.map((task) => follow(task).result));
  },
  'put in once more': async ({ world, queue, queued, follow }) => {
    await world.startWorker();
    const first = await Promise.all(queued.map((task) => follow(task).result));
    const again = await queue.enqueueTasks(tasks(3));
    return [...first, ...(await Promise.all(again.map((task) => follow(task).result)))];
  },
  'a worker killed': async ({ world, queued, follow }) => {
    holdJobs(world);
    const killed = await world.startProcess();
    const followed = queued.map(follow);
    await Promise.all(followed.map(({ accepted }) => accepted));
    await killed.kill();
    world.emulator.setFaults([]);
    await world.startProcess();
    return Promise.all(followed.map(({ result }) => result));
  },
  'a job cancelled': async ({ world, queue, queued, follow }) => {
    holdJobs(world);
    await world.startWorker();
    const followed = queued.map(follow);
    await Promise.all(followed.map(({ accepted }) => accepted));
    await queue.cancel(queued[0]);
    await followed[0]?.result;
    world.emulator.setFaults([]);
    return Promise.all(followed.map(({ result }) => result));
  },
};

/** Jobs keep running, because every query fails. */
function holdJobs({ emulator }: QueueWorld): void {
  emulator.setFaults([{ kind: 'http-status', status: 502, operation: 'query' }]);
}

it.each(Object.entries(scenarios))('%s', async (name, play) => {
  const world = await QueueWorld.start(server);
  try {
    const queue = await world.openQueue();
    const [first, ...others] = await queue.enqueueTasks(tasks(3));
    if (first === undefined) throw new Error('Nothing was put in.');
    const follow: Stage['follow'] = (task) => {
      const accepted = Promise.withResolvers<void>();
      const result = queue.result(task, {
        onProgress: (event) => {
          if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
        },
      });
      return { accepted: accepted.promise, result };
    };
    const results = await play({ world, queue, queued: [first, ...others], follow });
    const trace = [
      section('results', results.map(lineOfResult).sort()),
      section('rows', await rowsOf(world)),
      section('service', linesOfLedger(world.emulator.ledger)),
      section('files', await filesOf(world.folder)),
    ].join('');
    await expect(trace).toMatchFileSnapshot(`recorded/${name}.txt`);
  } finally {
    await world.close();
  }
});

/** The final states of the rows; the driver's traces cover the steps. */
async function rowsOf({ connection }: QueueWorld): Promise<readonly string[]> {
  const store = await openRedisStore(connection);
  const rows = await Array.fromAsync(store.tasks.list());
  await store.close();
  return rows.map(({ scope, taskId, attempt, state }) => `${scope}/${taskId} #${attempt}: ${state}`).sort();
}
