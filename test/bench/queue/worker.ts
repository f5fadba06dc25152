/** Runs jobs through one queue, with its worker in this process, and sends the figures: `worker.ts <plan as JSON>`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMeasuring } from '../support/process-figures.ts';
import { becomeWarm } from '../support/run-worker.ts';

/** The work of a queue. */
export interface QueuePlan {
  readonly queue: string;
  readonly url: string;
  readonly width: number;
  readonly warmUps: number;
  readonly jobs: number;
}

type CreateQueue = (settings: {
  readonly url: string;
  readonly folder: string;
  readonly width: number;
}) => Promise<{ run(jobs: number): Promise<void> }>;

// Not a name that the compiler follows: only `pnpm bench` installs what it imports.
const peers = new URL('../peers/queue-contestants.ts', import.meta.url).href;
const { queues } = (await import(peers)) as { queues: Readonly<Record<string, CreateQueue>> };

const { queue: name, url, width, warmUps, jobs } = JSON.parse(process.argv[2] ?? '') as QueuePlan;
const create = queues[name];
if (create === undefined) throw new Error(`There is no queue ${name}.`);
const folder = mkdtempSync(join(tmpdir(), 'holodeck-bench-'));
try {
  const queue = await create({ url, folder, width });
  await queue.run(warmUps);
  await becomeWarm();
  const measured = startMeasuring();
  await queue.run(jobs);
  process.send?.(measured());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// The process owns its server's connections; nothing else uses them.
process.exit(0);
