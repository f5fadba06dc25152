/** One way to run the batches, in a process of its own: `worker.ts <scheduler> <speed>`; sends its runs to the parent. */
import { oracleMakespanMs } from '../simulation/oracle.ts';
import { inPool } from '../support/worker-pool.ts';
import { makespanCases, seeds } from './makespan-cases.ts';
import type { MakespanCase } from './makespan-cases.ts';
import { runClient, runSemaphore } from './run-batch.ts';
import type { BatchRun } from './run-batch.ts';

/** How a batch can be run. */
export type Scheduler = 'client' | 'semaphore-right' | 'semaphore-four';

/** What a worker sends. */
export interface WorkerRun extends BatchRun {
  readonly scheduler: Scheduler;
  readonly scenario: string;
  readonly seed: number;
  readonly jobs: number;
  /** The makespan of a scheduler that knows everything and needs no time. */
  readonly oracleMs: number;
}

async function runOne(scheduler: Scheduler, batch: MakespanCase, seed: number): Promise<WorkerRun> {
  const run =
    scheduler === 'client'
      ? await runClient(batch, seed)
      : await runSemaphore(batch, seed, scheduler === 'semaphore-four' ? 4 : batch.rightSize);
  const { scenario } = batch;
  const oracleMs = oracleMakespanMs(scenario, seed);
  return { ...run, scheduler, scenario: scenario.name, seed, jobs: scenario.jobs, oracleMs };
}

const [, , scheduler, speed] = process.argv;
const cases = makespanCases(Number(speed));
// The first batch of a process loads the SDK; that is no part of a schedule.
const warmUp = cases[0] as MakespanCase;
await runOne(scheduler as Scheduler, { ...warmUp, scenario: { ...warmUp.scenario, jobs: 1, medianMs: 100 } }, 1);
const batches = cases.flatMap((batch) => seeds.map((seed) => ({ batch, seed })));
// All at once: they wait most of the time.
process.send?.(await inPool(batches, batches.length, ({ batch, seed }) => runOne(scheduler as Scheduler, batch, seed)));
process.disconnect();
