/**
 * Runs batches one after the other in its own process, each with all schedulers side by side:
 * `worker.ts <speed> <batches as JSON>`; sends what it found to the parent.
 */
import { startMeasuring } from '../support/process-figures.ts';
import { oracleMakespanMs } from '../simulation/oracle.ts';
import { makespanCases } from './makespan-cases.ts';
import type { MakespanCase } from './makespan-cases.ts';
import { runClient, runLibrary, runTwoProcesses } from './run-batch.ts';
import type { BatchRun, CreateSchedule } from './run-batch.ts';
import type { Scheduler } from './schedulers.ts';

/** A case and the seed of its durations. */
export interface WorkerBatch {
  readonly caseIndex: number;
  readonly seed: number;
}

/** One batch with one scheduler. */
export interface WorkerRun extends BatchRun {
  readonly scheduler: Scheduler;
  readonly scenario: string;
  readonly seed: number;
  readonly jobs: number;
  /** The makespan of a scheduler that knows everything and needs no time. */
  readonly oracleMs: number;
}

/** What a worker sends at its end. */
export interface WorkerFigures {
  readonly runs: readonly WorkerRun[];
  /** The delay of the event loop that all schedulers share. */
  readonly loopP99Ms: number;
}

// Not a name that the compiler follows: only `pnpm bench` installs what it imports.
const peers = new URL('../peers/scheduler-contestants.ts', import.meta.url).href;
const { schedulers: libraries } = (await import(peers)) as { schedulers: Readonly<Record<string, CreateSchedule>> };

async function runAll(batch: MakespanCase, seed: number): Promise<WorkerRun[]> {
  const { scenario } = batch;
  const oracleMs = oracleMakespanMs(scenario, seed);
  const run = async (scheduler: Scheduler, running: Promise<BatchRun>): Promise<WorkerRun> => ({
    scheduler,
    ...(await running),
    scenario: scenario.name,
    seed,
    jobs: scenario.jobs,
    oracleMs,
  });
  return Promise.all([
    run('client', runClient(batch, seed)),
    run('two processes', runTwoProcesses(batch, seed)),
    ...Object.entries(libraries).map(([name, create]) => run(name as Scheduler, runLibrary(batch, seed, create))),
  ]);
}

// A worker is useless without its parent.
process.once('disconnect', () => process.exit());

const [, , speed, batches] = process.argv;
const cases = makespanCases(Number(speed));
// The first batch of a process loads the SDK, which must not count.
const warmUp = cases[0] as MakespanCase;
await runAll({ ...warmUp, scenario: { ...warmUp.scenario, jobs: 2, medianMs: 100 } }, 1);
const measured = startMeasuring();
const runs: WorkerRun[] = [];
for (const { caseIndex, seed } of JSON.parse(batches as string) as WorkerBatch[]) {
  runs.push(...(await runAll(cases[caseIndex] as MakespanCase, seed)));
}
const figures: WorkerFigures = { runs, loopP99Ms: measured().loopP99Ms };
process.send?.(figures, () => process.disconnect());
