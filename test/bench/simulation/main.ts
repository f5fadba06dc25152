/**
 * Runs the driver against models of the providers, on a virtual clock: many seeds of batches of an hour, in seconds. Takes
 * about a minute. Writes `artifacts/simulation.json` and `artifacts/simulation.md`.
 */
import { median, quantile } from '../support/statistics.ts';
import { table, writeReport } from '../support/write-report.ts';
import { oracleMakespanMs } from './oracle.ts';
import { rateScenarios, simulateRate } from './rate-simulation.ts';
import type { BatchFigures, Scenario } from './scenario.ts';
import { simulateClient, simulateSemaphore, simulateSeveral } from './schedulers.ts';
import type { SharedBatchFigures } from './schedulers.ts';

const medianMs = 15_000;
const seeds = Array.from({ length: 16 }, (_, index) => index + 1);

interface LimitCase {
  readonly name: string;
  readonly jobs: number;
  readonly limit: Scenario['limit'];
  readonly size: number;
  readonly taken?: Scenario['taken'];
}

const limits: readonly LimitCase[] = [
  { name: '1', jobs: 40, limit: () => 1, size: 1 },
  { name: '3', jobs: 60, limit: () => 3, size: 3 },
  { name: '8', jobs: 120, limit: () => 8, size: 8 },
  { name: '6, then 2', jobs: 120, limit: (accepted) => (accepted < 60 ? 6 : 2), size: 6 },
  { name: '2, then 6', jobs: 120, limit: (accepted) => (accepted < 60 ? 2 : 6), size: 2 },
  // Another user holds two of the slots half of the time.
  {
    name: '4, two of them taken now and then',
    jobs: 80,
    limit: () => 4,
    size: 4,
    taken: (atMs) => (Math.floor(atMs / 60_000) % 2) * 2,
  },
];

interface Row {
  readonly name: string;
  readonly ratios: readonly number[];
  readonly runs: readonly BatchFigures[];
  readonly semaphoreRatios: readonly number[];
  readonly semaphoreRuns: readonly BatchFigures[];
  readonly jobs: number;
}

const rows: Row[] = [];
for (const { name, jobs, limit, size, taken } of limits) {
  for (const tail of [0, 0.3, 1, 2]) {
    const scenario: Scenario = {
      name: tail === 0 ? name : `${name}; tail ${(tail * medianMs) / 1000} s`,
      jobs,
      medianMs,
      sigma: 0.5,
      limit,
      slotTailMs: tail * medianMs,
      roundTripMs: 100,
      requestsPerSecond: 20,
      ...(taken === undefined ? {} : { taken }),
    };
    const oracles = seeds.map((seed) => oracleMakespanMs(scenario, seed));
    const runs: BatchFigures[] = [];
    const semaphoreRuns: BatchFigures[] = [];
    for (const seed of seeds) {
      runs.push(await simulateClient(scenario, seed));
      semaphoreRuns.push(await simulateSemaphore(scenario, seed, size));
    }
    const ratios = (of: readonly BatchFigures[]): number[] =>
      of.map(({ makespanMs }, index) => makespanMs / (oracles[index] as number));
    rows.push({
      name: scenario.name,
      jobs,
      runs,
      semaphoreRuns,
      ratios: ratios(runs),
      semaphoreRatios: ratios(semaphoreRuns),
    });
  }
}

const clients = 4;

interface SharedRow {
  readonly name: string;
  readonly jobs: number;
  readonly ratios: readonly number[];
  readonly runs: readonly SharedBatchFigures[];
}

const sharedCases: readonly LimitCase[] = [
  ...limits.slice(0, 1),
  { name: '2', jobs: 60, limit: () => 2, size: 2 },
  ...limits.slice(1, 5),
];
const sharedRows: SharedRow[] = [];
for (const { name, jobs, limit } of sharedCases) {
  for (const tail of [0, 1]) {
    const scenario: Scenario = {
      name: tail === 0 ? name : `${name}; tail ${(tail * medianMs) / 1000} s`,
      jobs,
      medianMs,
      sigma: 0.5,
      limit,
      slotTailMs: tail * medianMs,
      roundTripMs: 100,
      requestsPerSecond: 20,
    };
    const ratios: number[] = [];
    const runs: SharedBatchFigures[] = [];
    for (const seed of seeds) {
      const run = await simulateSeveral(scenario, seed, clients);
      runs.push(run);
      ratios.push(run.makespanMs / oracleMakespanMs(scenario, seed));
    }
    sharedRows.push({ name: scenario.name, jobs, ratios, runs });
  }
}

const rates = [];
for (const scenario of rateScenarios) rates.push(await simulateRate(scenario, seeds));

const markdown = `# The driver against models of the providers

On a virtual clock; ${seeds.length} seeds. Makespans are multiples of an oracle's that knows everything and needs no time. The client is told no
limit (\`maxConcurrent: "auto"\`).

## Refusals (Hunyuan)

Jobs of 15 s in the middle, lognormal with sigma 0.5; 100 ms from request to answer; 20 submissions and 20 queries a second. The
semaphore has the right size, asks every 2 s, and waits 1 s, 2 s, 4 s ... after a refusal.

${table(
  [
    'limit',
    'jobs',
    'median',
    'p90',
    'worst',
    'refusals per job',
    'most',
    'queries per job',
    'semaphore: median',
    'refusals per job',
  ],
  rows.map(({ name, jobs, ratios, runs, semaphoreRatios, semaphoreRuns }) => [
    name,
    String(jobs),
    median(ratios).toFixed(3),
    quantile(ratios, 0.9).toFixed(3),
    quantile(ratios, 1).toFixed(3),
    (median(runs.map(({ refusals }) => refusals)) / jobs).toFixed(3),
    (
      quantile(
        runs.map(({ refusals }) => refusals),
        1,
      ) / jobs
    ).toFixed(3),
    (median(runs.map(({ polls }) => polls)) / jobs).toFixed(1),
    median(semaphoreRatios).toFixed(3),
    (median(semaphoreRuns.map(({ refusals }) => refusals)) / jobs).toFixed(3),
  ]),
)}

## Several clients of one account

The same with ${clients} clients that share their permits, each with a part of the jobs. The least share is that of the client which had
the fewest jobs accepted when the first one had all of its jobs accepted.

${table(
  ['limit', 'jobs', 'median', 'worst', 'refusals per job', 'most', 'least share: median', 'worst'],
  sharedRows.map(({ name, jobs, ratios, runs }) => {
    const refusals = runs.map((run) => run.refusals / jobs);
    const least = runs.map(({ shares }) => Math.min(...shares));
    return [
      name,
      String(jobs),
      median(ratios).toFixed(3),
      quantile(ratios, 1).toFixed(3),
      median(refusals).toFixed(3),
      quantile(refusals, 1).toFixed(3),
      median(least).toFixed(2),
      Math.min(...least).toFixed(2),
    ];
  }),
)}

## Rate headers (OpenAI)

One long request for each image, 20 s in the middle with sigma 0.3; so many images in any 60 s; headers with each answer, of the
moment at which the request was let in.

${table(
  [
    'images per minute',
    'jobs',
    'client: median',
    'worst',
    'refusals per job',
    'four at once: median',
    'refusals per job',
  ],
  rates.map(({ perMinute, jobs, client, four }) => [
    String(perMinute),
    String(jobs),
    median(client.ratios).toFixed(3),
    quantile(client.ratios, 1).toFixed(3),
    (median(client.refusals) / jobs).toFixed(3),
    median(four.ratios).toFixed(3),
    (median(four.refusals) / jobs).toFixed(3),
  ]),
)}

## No signal (ComfyUI)

The server queues whatever comes and refuses nothing, so there is nothing to learn: \`"auto"\` is the lane's default of two, one that
runs and one that waits for it.
`;
await writeReport('simulation', { refusal: rows, several: sharedRows, rates }, markdown);
console.log(markdown);
