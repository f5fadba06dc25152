/**
 * One case with one scheduler, all seeds, in a process of its own: `worker.ts <scheduler> <speed> <case>`; sends its runs to
 * the parent.
 */
import { setPriority } from 'node:os';
import { oracleMakespanMs } from '../simulation/oracle.ts';
import { inPool } from '../support/worker-pool.ts';
import { makespanCases, seeds } from './makespan-cases.ts';
import type { MakespanCase } from './makespan-cases.ts';
import { runClient, runSemaphore } from './run-batch.ts';
import type { BatchRun } from './run-batch.ts';

/** How a batch can be run. */
export type Scheduler = 'client' | 'semaphore';

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
  const run = await (scheduler === 'client' ? runClient(batch, seed) : runSemaphore(batch, seed));
  const { scenario } = batch;
  const oracleMs = oracleMakespanMs(scenario, seed);
  return { ...run, scheduler, scenario: scenario.name, seed, jobs: scenario.jobs, oracleMs };
}

try {
  // The batches wait most of the time; what else this machine does should not make them late.
  setPriority(-10);
} catch {
  // Not everybody may.
}
// Without its parent a worker is of no use.
process.once('disconnect', () => process.exit());

const [, , scheduler, speed, caseIndex] = process.argv;
const batch = makespanCases(Number(speed))[Number(caseIndex)];
if (batch === undefined) throw new RangeError(`There is no case ${caseIndex}.`);
// The first batch of a process loads the SDK; that is no part of a schedule.
const warmUp = { ...batch, scenario: { ...batch.scenario, jobs: 1, medianMs: 100 } };
await runOne(scheduler as Scheduler, warmUp, 1);
// All seeds at once: they wait most of the time.
const runs = await inPool(seeds, seeds.length, (seed) => runOne(scheduler as Scheduler, batch, seed));
process.send?.(runs, () => process.disconnect());
