import type { QueuePlan } from '../queue/worker.ts';
import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';
import type { ProcessFigures } from '../support/process-figures.ts';
import { startRedis } from '../support/redis-process.ts';
import { runWorker } from '../support/run-worker.ts';
import { median } from '../support/statistics.ts';

const queues = ['@holodeck/redis', 'bullmq'];
const [width, warmUps, jobs] = [8, 200, 400];

/** Of one job. */
interface QueueFigures extends ProcessFigures {
  /** Processor time of the server. */
  readonly serverMs: number;
}

/** What a job of our queue costs beside one of BullMQ alone, over a real server. */
export async function measureQueue(rounds: number): Promise<BenchTable> {
  const redis = await startRedis();
  if (redis === undefined) throw new Error('This case needs redis-server. Install it, or leave the case out.');
  const runs = new Map<string, QueueFigures[]>(queues.map((queue) => [queue, []]));
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const queue of round % 2 === 0 ? queues : queues.toReversed()) {
        const plan: QueuePlan = { queue, url: redis.url, width, warmUps, jobs };
        let before = 0;
        const figures = await runWorker<ProcessFigures>('queue/worker.ts', [JSON.stringify(plan)], async () => {
          before = redis.cpuMs();
        });
        runs.get(queue)?.push({ ...figures, serverMs: (redis.cpuMs() - before) / jobs, cpuMs: figures.cpuMs / jobs });
      }
    }
  } finally {
    redis.stop();
  }
  const of = (queue: string, figure: (run: QueueFigures) => number): readonly number[] =>
    (runs.get(queue) ?? []).map(figure);
  const cpu = (queue: string): readonly number[] => of(queue, ({ cpuMs }) => cpuMs);
  return {
    title: 'Queue',
    note: `Jobs that take no time, ${width} at once, each with a small picture in a synced file; queue and worker in one process, a redis-server with an append-only file; ${rounds} rounds in alternating order, each in a fresh process that has warmed up. Ours also keeps a record of each step of a job and the account's permits. Aim: 3 x.`,
    header: ['queue', 'CPU ms per job', 'x bare', 'of the server, CPU ms', 'jobs/s', 'loop p99 ms'],
    rows: queues.map((queue) => [
      queue,
      spread(cpu(queue), 2),
      (median(cpu(queue)) / median(cpu('bullmq'))).toFixed(2),
      spread(
        of(queue, ({ serverMs }) => serverMs),
        2,
      ),
      spread(
        of(queue, ({ wallMs }) => (jobs * 1000) / wallMs),
        0,
      ),
      spread(
        of(queue, ({ loopP99Ms }) => loopP99Ms),
        1,
      ),
    ]),
    figures: Object.fromEntries(runs),
  };
}
