/**
 * The cost of the queue compared with a client in the same process, and how it grows with workers. All in one run, in turns, so that
 * noise affects all alike; medians over the rounds. Needs redis-server.
 *
 *   node --conditions=@holodeck/source test/redis/bench/queue-throughput.ts [rounds]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GenerationTask, ImageClientOptions } from '@holodeck/core';
import { createImageQueue, openRedisPermits, openRedisStore } from '@holodeck/redis';
import { startRedisServer } from '../../../packages/redis/test/support/redis-server.ts';
import { benchLane, createBenchClient, jobMs } from './bench-client.ts';

const rounds = Number(process.argv[2] ?? 3);
const server = await startRedisServer();
let prefixes = 0;

function tasks(count: number): GenerationTask[] {
  return Array.from({ length: count }, (_, index) => ({ prompt: `task ${index}`, size: '64x64', seed: 1 }));
}

async function inFolder(work: (folder: string) => Promise<number>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function connection(): { readonly url: string; readonly prefix: string } {
  prefixes += 1;
  return { url: server.url, prefix: `bench-${prefixes}` };
}

/** Milliseconds that a client in this process takes. */
async function inProcess(count: number, options: ImageClientOptions): Promise<number> {
  const client = createBenchClient(options);
  const startedAtMs = performance.now();
  for await (const result of client.generateStream(tasks(count))) if (!result.success) throw result.error;
  const tookMs = performance.now() - startedAtMs;
  await client.close();
  return tookMs;
}

async function withSqlite(count: number, maxConcurrent: number): Promise<number> {
  return inFolder((outputDir) => inProcess(count, { outputDir, maxConcurrent }));
}

async function withRedis(count: number, maxConcurrent: number): Promise<number> {
  return inFolder(async (outputDir) => {
    const options = connection();
    const [store, permits] = [await openRedisStore(options), await openRedisPermits(options)];
    const tookMs = await inProcess(count, { outputDir, maxConcurrent, store, permits });
    await permits.close();
    await store.close();
    return tookMs;
  });
}

async function withWorkers(count: number, maxConcurrent: number, width: number): Promise<number> {
  return inFolder(async (outputDir) => {
    const { url, prefix } = connection();
    const main = fileURLToPath(new URL('bench-worker.ts', import.meta.url));
    const workers = Array.from({ length: width }, () =>
      fork(main, [url, prefix, outputDir, String(maxConcurrent)], { execArgv: ['--conditions=@holodeck/source'] }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const queue = await createImageQueue({ url, prefix, lane: benchLane });
    const startedAtMs = performance.now();
    for await (const result of queue.generateStream(tasks(count))) if (!result.success) throw result.error;
    const tookMs = performance.now() - startedAtMs;
    await queue.close();
    await Promise.all(
      workers.map(async (worker) => {
        worker.kill('SIGTERM');
        await once(worker, 'exit');
      }),
    );
    return tookMs;
  });
}

const ways: readonly (readonly [string, (count: number, maxConcurrent: number) => Promise<number>])[] = [
  ['client, SQLite', withSqlite],
  ['client, Redis', withRedis],
  ['queue, 1 worker', (count, most) => withWorkers(count, most, 1)],
  ['queue, 2 workers', (count, most) => withWorkers(count, most, 2)],
  ['queue, 4 workers', (count, most) => withWorkers(count, most, 4)],
];
const runs = [
  { count: 150, maxConcurrent: 1 },
  { count: 600, maxConcurrent: 8 },
];

const measured = new Map<string, number[]>();
for (let round = 0; round < rounds; round += 1) {
  for (const { count, maxConcurrent } of runs) {
    for (const [name, way] of ways) {
      const key = `${name}/${maxConcurrent}`;
      measured.set(key, [...(measured.get(key) ?? []), (await way(count, maxConcurrent)) / count]);
    }
  }
}
await server.close();

const median = (key: string): number => {
  const values = (measured.get(key) ?? []).toSorted((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
};
const inProcessMs = median('client, SQLite/1');
console.log(
  `Jobs of ${jobMs} ms, ${rounds} rounds, ${availableParallelism()} cores, Node ${process.version}; medians.\n`,
);
console.log('| way | one at a time: ms a job | over the job itself | beside the client | 8 at a time: jobs a second |');
console.log('|---|---|---|---|---|');
for (const [name] of ways) {
  const serialMs = median(`${name}/1`);
  const cells = [name, serialMs.toFixed(1), `${(serialMs - jobMs).toFixed(1)} ms`];
  const ratio = `${(serialMs / inProcessMs).toFixed(2)} x`;
  console.log(`| ${[...cells, ratio, (1000 / median(`${name}/8`)).toFixed(0)].join(' | ')} |`);
}
