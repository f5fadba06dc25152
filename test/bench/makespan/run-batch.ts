import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImageClient } from '@holodeck/core';
import { BareJobs } from '../support/bare-job.ts';
import { startFastService } from '../support/fast-service.ts';
import type { FastService } from '../support/fast-service.ts';
import { inPool } from '../support/worker-pool.ts';
import { drawDurations, seededRandom } from '../simulation/scenario.ts';
import type { MakespanCase } from './makespan-cases.ts';

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

/** The usual alternative: a semaphore of the right size, exponential waits after refusals, a query every 2 s. */
export async function runSemaphore(batch: MakespanCase, seed: number): Promise<BatchRun> {
  const service = await start(batch, seed);
  const backend = service.createBackend();
  const jobs = new BareJobs(backend, 2000 / batch.speed);
  const random = seededRandom(seed + 1000);
  const names = Array.from({ length: batch.scenario.jobs }, (_, index) => `job ${index}`);
  try {
    return await measure(service, batch, async () => {
      await inPool(names, batch.rightSize, async (name) => {
        for (let retry = 0; ; retry += 1) {
          const handle = await jobs.submit(name);
          if (handle !== undefined) return jobs.collect(handle);
          await sleep((Math.min(30_000, 1000 * 2 ** retry) * (0.5 + random() / 2)) / batch.speed);
        }
      });
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
