/**
 * Makespan and refusals of batches with a limit that the client does not know, compared with what people schedule with,
 * against the emulator in real time: about eleven minutes on two cores. `--speed N`: the service runs at N times its real speed (default 10).
 * `--seeds N`: that many of the five seeds. `--processes N`: N batches at once, each with all schedulers (default 5); with twice as many,
 * all schedulers wait for the processor and not for the service. `--only TEXT`: only limits whose name contains it.
 * Writes `artifacts/makespan.json` and `artifacts/makespan.md`; exits with 1 if a goal is missed.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { oracleMakespanMs } from '../simulation/oracle.ts';
import { writeReport } from '../support/write-report.ts';
import { makespanCases, seeds } from './makespan-cases.ts';
import { makespanReport } from './makespan-report.ts';
import type { WorkerBatch, WorkerFigures } from './worker.ts';

const { values } = parseArgs({
  options: {
    speed: { type: 'string', default: '10' },
    seeds: { type: 'string', default: '5' },
    processes: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
});
const speed = Number(values.speed);
const cases = makespanCases(speed);

/**
 * Divides the batches among the processes so that all end at about the same time: the longest first, to the one with least. Each
 * process begins at another place of its list: short batches have many jobs at once, and would need more than the processor together.
 */
function shareOut(processes: number): WorkerBatch[][] {
  const batches = cases.flatMap(({ scenario }, caseIndex) =>
    scenario.name.includes(values.only)
      ? seeds
          .slice(0, Number(values.seeds))
          .map((seed) => ({ caseIndex, seed, lastsMs: oracleMakespanMs(scenario, seed) }))
      : [],
  );
  const shares = Array.from({ length: processes }, () => ({ lastsMs: 0, batches: [] as WorkerBatch[] }));
  for (const { caseIndex, seed, lastsMs } of batches.toSorted((a, b) => b.lastsMs - a.lastsMs)) {
    const least = shares.reduce((best, share) => (share.lastsMs < best.lastsMs ? share : best));
    least.lastsMs += lastsMs;
    least.batches.push({ caseIndex, seed });
  }
  return shares
    .map(({ batches }, index) => {
      const first = Math.floor((index * batches.length) / processes);
      return [...batches.slice(first), ...batches.slice(0, first)];
    })
    .filter((share) => share.length > 0);
}

function runWorker(batches: readonly WorkerBatch[]): Promise<WorkerFigures> {
  return new Promise((resolve, reject) => {
    const file = fileURLToPath(new URL('worker.ts', import.meta.url));
    const worker = fork(file, [String(speed), JSON.stringify(batches)]);
    worker.on('message', (figures) => resolve(figures as WorkerFigures));
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`A worker ended with code ${code}.`)));
  });
}

const workers = await Promise.all(shareOut(Number(values.processes)).map(runWorker));
const runs = workers.flatMap((worker) => worker.runs);
const loopP99Ms = workers.map((worker) => worker.loopP99Ms);
const measured = cases.filter(({ scenario }) => runs.some((run) => run.scenario === scenario.name));
const { markdown, rows, missed } = makespanReport(measured, runs, speed, loopP99Ms);
await writeReport('makespan', { speed, rows, runs, loopP99Ms }, markdown);
console.log(markdown);
process.exitCode = missed ? 1 : 0;
