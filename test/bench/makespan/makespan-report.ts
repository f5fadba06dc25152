import { spread } from '../support/bench-table.ts';
import { median } from '../support/statistics.ts';
import { table } from '../support/write-report.ts';
import type { MakespanCase } from './makespan-cases.ts';
import { schedulers } from './schedulers.ts';
import type { Scheduler } from './schedulers.ts';
import type { WorkerRun } from './worker.ts';

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

/** The table of all cases. */
export function makespanReport(
  cases: readonly MakespanCase[],
  runs: readonly WorkerRun[],
  speed: number,
  loopP99Ms: readonly number[],
): { readonly markdown: string; readonly rows: readonly MakespanRow[]; readonly missed: boolean } {
  const rows = cases.map((batch) => rowOf(batch, runs));
  const lines = (cell: (row: MakespanRow, scheduler: Scheduler) => string): string =>
    table(
      ['limit (told to nobody)', 'jobs', 'oracle', ...schedulers],
      rows.map((row) => [
        row.scenario,
        String(row.jobs),
        `${(row.oracleMs / 1000).toFixed(1)} s`,
        ...schedulers.map((scheduler) => cell(row, scheduler)),
      ]),
    );
  const missed = rows.filter(({ met }) => !met).map(({ scenario }) => scenario);
  const markdown = `# Makespan and refusals

Batches against the Hunyuan emulator in real time, at ${speed} times the speed of the real service (jobs of 15 s in the middle,
lognormal with sigma 0.5; tail 15 s; 20 submissions and 20 queries a second). Makespans are multiples of an oracle's that knows
limit and tail, keeps the order, and needs no time for anything. Medians of ${new Set(runs.map(({ seed }) => seed)).size} seeds. Ours, alone and as two processes that
share their permits, are told no limit. The libraries are told it (the larger where it changes), or three times as much; they
ask every 2 s, and wait 1 s, 2 s, 4 s ... (with jitter, 30 s at most) after a refusal. The event loops of the processes that run them
all are late by ${spread(loopP99Ms)} ms (p99). Aims of ours: makespan <= 1.05, <= 1.10
where the limit changes; refusals < 5 % of the jobs without a tail, <= 1 per job with one. Missed: ${missed.length === 0 ? 'none' : missed.join('; ')}.

## Makespan, x oracle

${lines((row, scheduler) => row.makespan[scheduler].toFixed(3))}

## Refusals per job

${lines((row, scheduler) => row.refusalsPerJob[scheduler].toFixed(3))}

## Queries per job

${lines((row, scheduler) => row.pollsPerJob[scheduler].toFixed(1))}
`;
  return { markdown, rows, missed: missed.length > 0 };
}

function rowOf(batch: MakespanCase, runs: readonly WorkerRun[]): MakespanRow {
  const { scenario, aim, refusalAim } = batch;
  const of = (scheduler: Scheduler, figure: (run: WorkerRun) => number): number =>
    median(runs.filter((run) => run.scenario === scenario.name && run.scheduler === scheduler).map(figure));
  const all = (figure: (run: WorkerRun) => number): Record<Scheduler, number> =>
    Object.fromEntries(schedulers.map((scheduler) => [scheduler, of(scheduler, figure)])) as Record<Scheduler, number>;
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
