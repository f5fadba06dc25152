import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ImageClient } from '@holodeck/core';
import { BareJobs } from '../support/bare-job.ts';
import { startFastService } from '../support/fast-service.ts';
import type { FastService } from '../support/fast-service.ts';
import { drawDurations } from '../simulation/scenario.ts';
import type { JobHandle } from '@holodeck/core/backend';
import type { MakespanCase } from './makespan-cases.ts';
import type { BatchPart } from './part-worker.ts';

/** A way to schedule, given the right limit and the speed of the service. */
export type CreateSchedule = (limit: number, speed: number) => (job: ScheduledJob) => Promise<void>;

interface ScheduledJob {
  readonly submit: () => Promise<JobHandle>;
  readonly collect: (handle: JobHandle) => Promise<void>;
}

/** The result of a batch; durations in milliseconds of real time. */
export interface BatchRun {
  readonly makespanMs: number;
  readonly refusals: number;
  readonly polls: number;
  readonly maxConcurrent: number;
}

/** Runs the batch with `ImageClient` and its store on disk; it does not know the limit. */
export async function runClient(batch: MakespanCase, seed: number): Promise<BatchRun> {
  const service = await start(batch, seed);
  const outputDir = await mkdtemp(join(tmpdir(), 'holodeck-makespan-'));
  const client = new ImageClient(service.createBackend(), { outputDir, maxConcurrent: 'auto', timeoutMs: 3_600_000 });
  try {
    return await measure(service, batch, async () => {
      const tasks = Array.from({ length: batch.scenario.jobs }, (_, index) => ({
        prompt: `job ${index}`,
        taskId: `job-${index}`,
      }));
      for (const result of await client.generateBatch(tasks)) if (!result.success) throw result.error;
    });
  } finally {
    await client.close();
    await service.emulator.close();
    await rm(outputDir, { recursive: true, force: true });
  }
}

/** Runs the batch in two processes that share the account's permits, and nothing else. */
export async function runTwoProcesses(batch: MakespanCase, seed: number): Promise<BatchRun> {
  const service = await start(batch, seed);
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-makespan-'));
  const half = batch.scenario.jobs / 2;
  const parts = [0, half].map((first) => {
    const part: BatchPart = { account: service.account, folder, first, jobs: half };
    return fork(fileURLToPath(new URL('part-worker.ts', import.meta.url)), [JSON.stringify(part)]);
  });
  try {
    await Promise.all(parts.map((part) => once(part, 'message')));
    return await measure(service, batch, async () => {
      await Promise.all(
        parts.map(async (part) => {
          part.send('go');
          const [code] = (await once(part, 'exit')) as [number | null];
          if (code !== 0) throw new Error(`A process of two ended with code ${code}.`);
        }),
      );
    });
  } finally {
    for (const part of parts) part.kill();
    await service.emulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The usual alternatives, which know the limit: a library schedules, and each job asks every 2 s. */
export async function runLibrary(batch: MakespanCase, seed: number, createSchedule: CreateSchedule): Promise<BatchRun> {
  const service = await start(batch, seed);
  const backend = service.createBackend();
  const jobs = new BareJobs(backend, 2000 / batch.speed);
  const schedule = createSchedule(batch.rightSize, batch.speed);
  const names = Array.from({ length: batch.scenario.jobs }, (_, index) => `job ${index}`);
  try {
    return await measure(service, batch, async () => {
      await Promise.all(
        names.map((name) =>
          schedule({
            submit: async () => {
              const handle = await jobs.submit(name);
              if (handle === undefined) throw new Error('The job was refused.');
              return handle;
            },
            collect: (handle) => jobs.collect(handle),
          }),
        ),
      );
    });
  } finally {
    await backend.close();
    await service.emulator.close();
  }
}

async function start({ scenario, speed }: MakespanCase, seed: number): Promise<FastService> {
  const durations = drawDurations(scenario, seed);
  const service = await startFastService({
    speed,
    limit: scenario.limit(0),
    slotTailMs: scenario.slotTailMs,
    jobMs: (index) => {
      const limit = scenario.limit(index + 1);
      if (limit !== service.emulator.settings.limit) service.emulator.set({ limit });
      return durations[index] as number;
    },
  });
  return service;
}

async function measure(service: FastService, batch: MakespanCase, work: () => Promise<void>): Promise<BatchRun> {
  const startedAtMs = performance.now();
  await work();
  const makespanMs = performance.now() - startedAtMs;
  const { accepted, delivered, refusals, polls, maxConcurrent } = service.emulator.ledger;
  const { jobs } = batch.scenario;
  if (accepted !== jobs || delivered !== jobs)
    throw new Error(`${accepted} of ${jobs} jobs were accepted and ${delivered} delivered.`);
  return { makespanMs, refusals, polls, maxConcurrent };
}
