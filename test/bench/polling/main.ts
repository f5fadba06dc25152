/**
 * The delay until we notice that a job is over, and the queries that it takes, compared with a query every 2 s: against the
 * emulator in real time, for several spreads of the jobs' durations.
 * Writes `artifacts/polling.json` and `artifacts/polling.md`; exits with 1 if the goal is missed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startMeasuring } from '../support/process-figures.ts';
import { table, writeReport } from '../support/write-report.ts';
import { aimedSigma, countedJobs, fixedPollMs, learnedJobs, medianMs, sigmas, ways } from './polling-cases.ts';
import type { PollingWay } from './polling-cases.ts';
import { runPolling, warmUp } from './run-polling.ts';
import type { PollingRun } from './run-polling.ts';

// The first job loads the SDK, and many that start at once would measure each other.
await warmUp();
const measured = startMeasuring();
const runs = await Promise.all(
  ways
    .flatMap((way) => sigmas.map((sigma) => ({ way, sigma })))
    .map(async ({ way, sigma }, index) => {
      await sleep(index * 700);
      return runPolling(way, sigma);
    }),
);
const of = (way: PollingWay, sigma: number): PollingRun =>
  runs.find((run) => run.way === way && run.sigma === sigma) as PollingRun;

const rows = sigmas.map((sigma) => {
  const [client, queued, fixed] = [of('client', sigma), of('client-queued', sigma), of('fixed', sigma)];
  const share = client.delayMs / fixed.delayMs;
  return [
    String(sigma),
    ...[client, queued, fixed].map(({ delayMs }) => `${Math.round(delayMs)} ms`),
    ...[client, queued, fixed].map(({ pollsPerJob }) => pollsPerJob.toFixed(1)),
    share.toFixed(2),
  ];
});
const [client, fixed] = [of('client', aimedSigma), of('fixed', aimedSigma)];
const met = client.delayMs <= fixed.delayMs / 2 && client.pollsPerJob <= fixed.pollsPerJob;
const { loopP99Ms } = measured();
const markdown = `# Noticing that a job is over

Against the Hunyuan emulator in real time: jobs of ${medianMs / 1000} s in the middle, lognormal; ${learnedJobs} jobs to learn from, then ${countedJobs} that
count. "Queued": further tasks wait for each job's place, so that each delay adds to the whole batch; then the client asks more
often. The event loop of the process that runs them all is late by ${loopP99Ms.toFixed(1)} ms (p99). Aim, for sigma ${aimedSigma}: half the delay of a query every ${fixedPollMs / 1000} s, with no more queries: ${met ? 'met' : 'MISSED'}.

${table(
  [
    'sigma',
    'delay: client',
    'client, queued',
    'fixed',
    'queries per job: client',
    'client, queued',
    'fixed',
    'delay, client / fixed',
  ],
  rows,
)}
`;
await writeReport('polling', { runs, met, loopP99Ms }, markdown);
console.log(markdown);
process.exitCode = met ? 0 : 1;
