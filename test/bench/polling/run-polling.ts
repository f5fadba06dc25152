import { ImageClient } from '@holodeck/core';
import { drawDurations } from '../simulation/scenario.ts';
import { BareJobs } from '../support/bare-job.ts';
import { startFastService } from '../support/fast-service.ts';
import type { BackendObserver, FastService } from '../support/fast-service.ts';
import { mean } from '../support/statistics.ts';
import { inPool } from '../support/worker-pool.ts';
import { countedJobs, fixedPollMs, learnedJobs, medianMs, width } from './polling-cases.ts';
import type { PollingWay } from './polling-cases.ts';

/** The cost of noticing the ends of jobs, on average over the counted jobs. */
export interface PollingRun {
  readonly way: PollingWay;
  readonly sigma: number;
  /** From the end of a job until we know of it, in milliseconds. */
  readonly delayMs: number;
  readonly pollsPerJob: number;
}

/** Records when we saw that jobs were over (Unix milliseconds), and how often they were polled. */
class Notes implements BackendObserver {
  readonly polls = new Map<string, number>();
  readonly endedAtMs = new Map<string, number>();

  onPoll(jobId: string): void {
    this.polls.set(jobId, (this.polls.get(jobId) ?? 0) + 1);
  }

  onEnded(jobId: string): void {
    if (!this.endedAtMs.has(jobId)) this.endedAtMs.set(jobId, Date.now());
  }
}

const names = Array.from({ length: learnedJobs + countedJobs }, (_, index) => `job ${index}`);

/** One short job. */
export async function warmUp(): Promise<void> {
  const service = await startFastService({ speed: 1, limit: 1, slotTailMs: 0, jobMs: () => 100 });
  const client = new ImageClient(service.createBackend());
  await client.generate({ prompt: 'x' });
  await client.close();
  await service.emulator.close();
}

export async function runPolling(way: PollingWay, sigma: number): Promise<PollingRun> {
  const durations = drawDurations({ jobs: names.length, medianMs, sigma }, 7);
  const service = await startFastService({
    speed: 1,
    limit: width,
    slotTailMs: 0,
    jobMs: (index) => durations[index] as number,
  });
  try {
    const notes = new Notes();
    await runJobs(service, way, notes);
    const counted = service.emulator.ledger.entries.slice(learnedJobs);
    const delays = counted.map(({ id, acceptedAtMs }, index) => {
      const endsAtMs = acceptedAtMs + (durations[learnedJobs + index] as number);
      return (notes.endedAtMs.get(id) as number) - endsAtMs;
    });
    const pollsPerJob = mean(counted.map(({ id }) => notes.polls.get(id) as number));
    return { way, sigma, delayMs: mean(delays), pollsPerJob };
  } finally {
    await service.emulator.close();
  }
}

async function runJobs(service: FastService, way: PollingWay, notes: Notes): Promise<void> {
  const backend = service.createBackend(notes);
  if (way === 'fixed') {
    const jobs = new BareJobs(backend, fixedPollMs);
    await inPool(names, width, async (name) => {
      const handle = await jobs.submit(name);
      if (handle === undefined) throw new Error('A job was refused although a slot was free.');
      await jobs.collect(handle);
    });
    await backend.close();
    return;
  }
  const client = new ImageClient(backend, { maxConcurrent: width, timeoutMs: 3_600_000 });
  // In a batch tasks wait for each slot; if each caller waits for its own result, none does.
  const ahead = way === 'client-queued' ? names.length : width;
  const results = await inPool(names, ahead, (prompt) => client.generate({ prompt }));
  await client.close();
  for (const result of results) if (!result.success) throw result.error;
}
