import { median } from '../support/statistics.ts';
import { table } from '../support/write-report.ts';
import type { MakespanCase } from './makespan-cases.ts';
import type { Scheduler, WorkerRun } from './worker.ts';

/** One line of the table: medians over the seeds. */
export interface MakespanRow {
  readonly scenario: string;
  readonly jobs: number;
  readonly oracleMs: number;
  /** Multiples of the oracle's makespan. */
  readonly makespan: Record<Scheduler, number>;
  readonly refusalsPerJob: Record<Scheduler, number>;
  readonly pollsPerJob: Record<Scheduler, number>;
  readonly aim: number;
  readonly met: boolean;
}

const schedulers = ['client', 'semaphore'] as const;

/** The table of all cases. */
export function makespanReport(
  cases: readonly MakespanCase[],
  runs: readonly WorkerRun[],
  speed: number,
): { readonly markdown: string; readonly rows: readonly MakespanRow[]; readonly missed: boolean } {
  const rows = cases.map((batch) => rowOf(batch, runs));
  const header = [
    'limit (told to nobody)',
    'jobs',
    'oracle',
    'client, `auto`',
    'semaphore',
    'refusals per job: client',
    'semaphore',
    'queries per job: client',
    'semaphore',
    'aims',
  ];
  const lines = rows.map((row) => [
    row.scenario,
    String(row.jobs),
    `${(row.oracleMs / 1000).toFixed(1)} s`,
    ...schedulers.map((scheduler) => row.makespan[scheduler].toFixed(3)),
    ...schedulers.map((scheduler) => row.refusalsPerJob[scheduler].toFixed(3)),
    ...schedulers.map((scheduler) => row.pollsPerJob[scheduler].toFixed(1)),
    row.met ? 'met' : 'MISSED',
  ]);
  const markdown = `# Makespan and refusals

Batches against the Hunyuan emulator in real time, at ${speed} times the speed of the real service (jobs of 15 s in the middle,
lognormal with sigma 0.5; tail 15 s; 20 submissions and 20 queries a second). Makespans are multiples of an oracle's that knows
limit and tail, keeps the order, and needs no time for anything. Medians of ${new Set(runs.map(({ seed }) => seed)).size} seeds. The semaphore has the right size
(the larger where the limit changes), asks every 2 s, and waits 1 s, 2 s, 4 s ... (with jitter, 30 s at most) after a refusal. Aims: makespan <= 1.05, <= 1.15 where the limit changes; refusals < 5 % of the jobs
without a tail, <= 1 per job with one.

${table(header, lines)}
`;
  return { markdown, rows, missed: rows.some(({ met }) => !met) };
}

function rowOf(batch: MakespanCase, runs: readonly WorkerRun[]): MakespanRow {
  const { scenario, aim, refusalAim } = batch;
  const of = (scheduler: Scheduler, figure: (run: WorkerRun) => number): number =>
    median(runs.filter((run) => run.scenario === scenario.name && run.scheduler === scheduler).map(figure));
  const all = (figure: (run: WorkerRun) => number): Record<Scheduler, number> => ({
    client: of('client', figure),
    semaphore: of('semaphore', figure),
  });
  const makespan = all((run) => run.makespanMs / run.oracleMs);
  const refusalsPerJob = all((run) => run.refusals / run.jobs);
  const fewRefusals = refusalAim.below
    ? refusalsPerJob.client < refusalAim.share
    : refusalsPerJob.client <= refusalAim.share;
  return {
    scenario: scenario.name,
    jobs: scenario.jobs,
    oracleMs: of('client', ({ oracleMs }) => oracleMs),
    makespan,
    refusalsPerJob,
    pollsPerJob: all((run) => run.polls / run.jobs),
    aim,
    met: makespan.client <= aim && fewRefusals,
  };
}
