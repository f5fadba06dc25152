import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { GenerationTask } from '@holodeck/core';
import type { ImageQueue } from '@holodeck/redis';
import { QueueEvents } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { heldMs } from '../../../test/support/pushed-clock.ts';
import { until } from '../../../test/support/until.ts';
import { sized } from '../../../test/support/long-runs.ts';
import { QueueWorld, tasks } from './support/queue-world.ts';
import { alwaysSynced, startRedisServer, type RedisServer } from './support/redis-server.ts';
import { canChooseHost } from './support/worker-process.ts';

// Each of two producers that share an account has so many tasks; so many workers are killed, one a second; so often the
// server is started again while work goes on. The long sizes are those of docs/guides/several-machines.md.
const runSize = sized({ tasksEach: 15, kills: 2, restarts: 1 }, { tasksEach: 500, kills: 60, restarts: 5 });
// A busy machine keeps no live worker silent for so long: only the test decides when a silence is long enough.
const lockMs = 600_000;
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

describe('several workers', () => {
  it('share one account, and keep to its limit and to priorities', async () => {
    const { emulator, limit, clock } = world;
    // The first jobs run until all places are taken.
    emulator.set({ jobMs: heldMs });
    const { tasksEach } = runSize;
    const urgentEach = 3;
    // All that is put in before work begins is ordered; what comes later passes all but the jobs that were taken already.
    const produce = async (name: string): Promise<() => Promise<{ good: number; sentBefore: number }>> => {
      const queue = await world.openQueue();
      const list = tasks(tasksEach).map((task, index) => {
        const priority = (index % 3) - 1;
        const taskId = `${name}-${index}`;
        return { ...task, taskId, prompt: `${name} ${priority} ${index}`, priority };
      });
      const queued = await queue.enqueueTasks(list);
      return async () => {
        let good = 0;
        let sentBefore = 0;
        const results = queued.map(async (one) => {
          if (!(await queue.result(one)).success) return;
          good += 1;
          if (good !== Math.floor(tasksEach / 2)) return;
          const urgent = await queue.enqueueTasks(tasks(urgentEach, { priority: 9 }, `${name} 9`));
          sentBefore = emulator.ledger.entries.length;
          for (const each of urgent) if ((await queue.result(each)).success) good += 1;
        });
        await Promise.all(results);
        return { good, sentBefore };
      };
    };
    const producers = await Promise.all([produce('first'), produce('second')]);
    const workers = await Promise.all(Array.from({ length: 4 }, () => world.startProcess({ lockMs })));
    const waiting = Promise.all(producers.map((wait) => wait()));
    await until(() => emulator.ledger.accepted === limit);
    emulator.set({ jobMs: 200 });
    clock.push();
    const ends = await waiting;
    expect(ends.map(({ good }) => good)).toEqual([tasksEach + urgentEach, tasksEach + urgentEach]);
    const { accepted, maxConcurrent, delivered, refusals, entries } = emulator.ledger;
    const order = entries.map(({ prompt }) => prompt.split(' '));
    const lateness = ['first', 'second'].map((name, index) => {
      const last = order.findLastIndex(([from, priority]) => from === name && priority === '9');
      return last + 1 - (ends[index]?.sentBefore ?? 0) - urgentEach;
    });
    const overtaken = countOvertaken(order.map(([, priority]) => Number(priority)).filter((priority) => priority < 9));
    const figures = { accepted, maxConcurrent, refusals, overtaken, waitedForByUrgent: lateness };
    console.info(`4 workers, 2 producers, ${accepted} jobs: ${JSON.stringify(figures)}`);
    const all = 2 * (tasksEach + urgentEach);
    expect({ accepted, delivered, maxConcurrent }).toEqual({ accepted: all, delivered: all, maxConcurrent: limit });
    // Only jobs that a worker has taken already are ahead; those of the other producer's urgent ones are as urgent.
    const taken = limit + 1;
    expect(overtaken).toBeLessThanOrEqual(2 * taken);
    expect(Math.max(...lateness)).toBeLessThanOrEqual(taken + urgentEach);
    expect(await Promise.all(workers.map((worker) => worker.stop()))).toEqual([0, 0, 0, 0]);
  });

  // A process of the same host is known to be gone at once; one of another host by its silence alone.
  it.each([{ name: 'the same host' }, ...(canChooseHost ? [{ name: 'another host', host: 'machine-b' }] : [])])(
    'take over what a killed one of $name had begun, and collect it',
    async ({ name, host }: { readonly name: string; readonly host?: string }) => {
      world.emulator.set({ jobMs: heldMs });
      const queue = await world.openQueue();
      const workers = await Promise.all([
        world.startProcess({ host, lockMs }),
        world.startProcess({ host: host && 'machine-c', lockMs }),
      ]);
      const accepted = Promise.withResolvers<void>();
      const takenUp = Promise.withResolvers<void>();
      let killed = false;
      const [queued] = await queue.enqueueTasks(tasks(1));
      if (queued === undefined) throw new Error('no task');
      const result = queue.result(queued, {
        onProgress: (event) => {
          if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
          if (killed && event.type !== 'waiting') takenUp.resolve();
        },
      });
      await accepted.promise;
      const busy = await busyWorker(queue);
      await workers.find(({ pid }) => pid === busy)?.kill();
      killed = true;
      await world.endLocks();
      const startedAtMs = performance.now();
      await takenUp.promise;
      console.info(`${name}: taken over after ${Math.round(performance.now() - startedAtMs)} ms`);
      world.clock.push();
      expect(await result).toMatchObject({ success: true, source: 'resumed' });
      expect(world.emulator.ledger.accepted).toBe(1);
    },
  );

  it('continue after they were suspended, although their job was taken over meanwhile', async () => {
    world.emulator.set({ jobMs: heldMs });
    const queue = await world.openQueue();
    const workers = await Promise.all([world.startProcess({ lockMs }), world.startProcess({ lockMs })]);
    const accepted = Promise.withResolvers<void>();
    const [queued] = await queue.enqueueTasks(tasks(1));
    if (queued === undefined) throw new Error('no task');
    const result = queue.result(queued, {
      onProgress: (event) => {
        if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
      },
    });
    await accepted.promise;
    const busy = await busyWorker(queue);
    process.kill(busy, 'SIGSTOP');
    await world.endLocks();
    // A suspended worker is alive, but its silence makes the other one collect its job.
    await busyWorker(queue, busy);
    world.clock.push();
    expect(await result).toMatchObject({ success: true, source: 'resumed' });
    process.kill(busy, 'SIGCONT');
    world.emulator.set({ jobMs: 100 });
    await workers.find(({ pid }) => pid !== busy)?.kill();
    for await (const later of queue.generateStream(tasks(6, {}, 'later')))
      expect(later).toMatchObject({ success: true });
    expect(world.emulator.ledger.accepted).toBe(7);
    expect(world.paidTwice).toEqual([]);
    expect(await workers.find(({ pid }) => pid === busy)?.stop()).toBe(0);
  });

  it('lose nothing and pay nothing twice when one is killed every second', async () => {
    world.emulator.set({ jobMs: 300 });
    const queue = await world.openQueue();
    const workers = await Promise.all(Array.from({ length: 4 }, () => world.startProcess()));
    const takeOvers = await watchTakeOvers(queue.name);
    const state = { isOver: false, drawn: 0, done: 0, unknown: 0 };
    async function* untilOver(): AsyncGenerator<GenerationTask> {
      while (!state.isOver) {
        // No more than the workers are busy with: what waits at the end would only take time.
        if (state.drawn - state.done > 12) {
          await delay(20);
          continue;
        }
        const name = `task-${state.drawn}`;
        state.drawn += 1;
        yield { prompt: name, taskId: name, size: '512x512' };
      }
    }
    const killing = (async () => {
      for (let killed = 0; killed < runSize.kills; killed += 1) {
        const next = delay(1000);
        const [victim] = workers.splice(Math.floor(Math.random() * workers.length), 1);
        await victim?.kill();
        workers.push(await world.startProcess());
        await next;
      }
      state.isOver = true;
    })();
    for await (const result of queue.generateStream(untilOver())) {
      state.done += 1;
      if (result.success) continue;
      // A submission that was under way when its process died can have arrived or not: nobody knows.
      expect(result.error.outcome).toBe('unknown');
      state.unknown += 1;
    }
    await killing;
    const { drawn, done, unknown } = state;
    const files = (await readdir(world.folder)).filter((name) => name.endsWith('.png'));
    const { paidTwice, emulator } = world;
    const figures = { done, unknown, files: files.length, paidTwice: paidTwice.length, ...takeOvers() };
    console.info(`${runSize.kills} kills: ${JSON.stringify(figures)}`);
    expect(done).toBe(drawn);
    expect(files).toHaveLength(drawn - unknown);
    expect(unknown).toBeLessThanOrEqual(runSize.kills * world.limit);
    expect(paidTwice).toEqual([]);
    expect(emulator.ledger.maxConcurrent).toBeLessThanOrEqual(world.limit);
  });

  it('continue when the server is killed and restarted', async () => {
    const own = await startRedisServer(alwaysSynced);
    const other = await QueueWorld.start(own);
    try {
      other.emulator.set({ jobMs: 100 });
      const queue = await other.openQueue();
      await Promise.all([other.startProcess(), other.startProcess()]);
      const count = 40 * (runSize.restarts + 1);
      let done = 0;
      let restarts = 0;
      let restarting = Promise.resolve();
      for await (const result of queue.generateStream(tasks(count))) {
        done += 1;
        expect(result).toMatchObject({ success: true });
        if (done % 40 !== 20 || restarts === runSize.restarts) continue;
        restarts += 1;
        restarting = restarting.then(() => own.kill()).then(() => own.start());
      }
      await restarting;
      const { accepted, delivered, maxConcurrent } = other.emulator.ledger;
      console.info(`${restarts} restarts: ${JSON.stringify({ done, accepted, delivered, maxConcurrent })}`);
      expect({ done, restarts, accepted }).toEqual({ done: count, restarts: runSize.restarts, accepted: count });
      expect(maxConcurrent).toBeLessThanOrEqual(other.limit);
    } finally {
      await other.close();
      await own.close();
    }
  });

  /** How many jobs of killed workers were found, and how long after their last sign of life the slowest was. */
  async function watchTakeOvers(name: string): Promise<() => { takenOver: number; slowestTakeOverMs: number }> {
    const { url, prefix } = world.connection;
    const events = new QueueEvents(name, { connection: { url }, prefix: `{${prefix}}:queue` });
    world.onClose(() => events.close());
    await events.waitUntilReady();
    const lastSign = new Map<string, number>();
    const stalled = new Set<string>();
    const gaps: number[] = [];
    events.on('progress', ({ jobId }) => lastSign.set(jobId, performance.now()));
    events.on('stalled', ({ jobId }) => stalled.add(jobId));
    events.on('active', ({ jobId }) => {
      const sign = lastSign.get(jobId);
      if (stalled.delete(jobId) && sign !== undefined) gaps.push(performance.now() - sign);
      lastSign.set(jobId, performance.now());
    });
    return () => ({ takenOver: gaps.length, slowestTakeOverMs: Math.round(Math.max(0, ...gaps)) });
  }
});

/** Tasks that were sent after a less urgent one. */
function countOvertaken(priorities: readonly number[]): number {
  let overtaken = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const priority of priorities) {
    if (priority > least) overtaken += 1;
    least = Math.min(least, priority);
  }
  return overtaken;
}

/** The process other than `but` that runs the only job. */
async function busyWorker(queue: ImageQueue, but?: number): Promise<number> {
  let found: number | undefined;
  await until(async () => {
    const busy = (await queue.status()).workers.filter(({ active }) => active > 0);
    found = busy.map(({ worker }) => Number(worker.split('/')[1])).find((pid) => pid !== but);
    return found !== undefined;
  });
  return found as unknown as number;
}
