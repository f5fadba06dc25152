/**
 * Runs batches one after the other in its own process, each with both schedulers side by side:
 * `worker.ts <speed> <batches as JSON>`; sends its runs to the parent.
 */
import { oracleMakespanMs } from '../simulation/oracle.ts';
import { makespanCases } from './makespan-cases.ts';
import type { MakespanCase } from './makespan-cases.ts';
import { runClient, runSemaphore } from './run-batch.ts';
import type { BatchRun } from './run-batch.ts';

/** The two schedulers. */
export type Scheduler = 'client' | 'semaphore';

/** A case and the seed of its durations. */
export interface WorkerBatch {
  readonly caseIndex: number;
  readonly seed: number;
}

/** What a worker sends. */
export interface WorkerRun extends BatchRun {
  readonly scheduler: Scheduler;
  readonly scenario: string;
  readonly seed: number;
  readonly jobs: number;
  /** The makespan of a scheduler that knows everything and needs no time. */
  readonly oracleMs: number;
}

async function runBoth(batch: MakespanCase, seed: number): Promise<WorkerRun[]> {
  const { scenario } = batch;
  const oracleMs = oracleMakespanMs(scenario, seed);
  const about = { scenario: scenario.name, seed, jobs: scenario.jobs, oracleMs };
  const [client, semaphore] = await Promise.all([runClient(batch, seed), runSemaphore(batch, seed)]);
  return [
    { scheduler: 'client', ...client, ...about },
    { scheduler: 'semaphore', ...semaphore, ...about },
  ];
}

// A worker is useless without its parent.
process.once('disconnect', () => process.exit());

const [, , speed, batches] = process.argv;
const cases = makespanCases(Number(speed));
// The first batch of a process loads the SDK, which must not count.
const warmUp = cases[0] as MakespanCase;
await runBoth({ ...warmUp, scenario: { ...warmUp.scenario, jobs: 1, medianMs: 100 } }, 1);
const runs: WorkerRun[] = [];
for (const { caseIndex, seed } of JSON.parse(batches as string) as WorkerBatch[]) {
  runs.push(...(await runBoth(cases[caseIndex] as MakespanCase, seed)));
}
process.send?.(runs, () => process.disconnect());
