/**
 * Makespan and refusals of batches whose limit nobody told the client, beside a semaphore of a fixed size with exponential
 * retries, against the emulator in real time: about six minutes. `--speed N`: the service runs at N times its real speed (default 3).
 * Writes `artifacts/makespan.json` and `artifacts/makespan.md`; exits with 1 where an aim is missed.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeReport } from '../support/write-report.ts';
import { makespanCases } from './makespan-cases.ts';
import { makespanReport } from './makespan-report.ts';
import type { Scheduler, WorkerRun } from './worker.ts';

const { values } = parseArgs({ options: { speed: { type: 'string', default: '3' } } });
const speed = Number(values.speed);

function runWorker(scheduler: Scheduler, caseIndex: number): Promise<WorkerRun[]> {
  return new Promise((resolve, reject) => {
    const file = fileURLToPath(new URL('worker.ts', import.meta.url));
    const worker = fork(file, [scheduler, String(speed), String(caseIndex)]);
    worker.on('message', (runs) => resolve(runs as WorkerRun[]));
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`The worker ${scheduler} ended with code ${code}.`)));
  });
}

const schedulers: readonly Scheduler[] = ['client', 'semaphore'];
const cases = makespanCases(speed);
// Side by side: whatever else this machine does meets all of them.
const workers = cases.flatMap((_, index) => schedulers.map((scheduler) => runWorker(scheduler, index)));
const runs = (await Promise.all(workers)).flat();
const { markdown, rows, missed } = makespanReport(cases, runs, speed);
await writeReport('makespan', { speed, rows, runs }, markdown);
process.exitCode = missed ? 1 : 0;
