/**
 * One of several processes that share a batch: `part-worker.ts <part as JSON>`. Says when it is ready, and starts when the parent
 * says so.
 */
import { join } from 'node:path';
import { ImageClient } from '@holodeck/core';
import { openSqlitePermits } from '@holodeck/core/stores';
import { createFastBackend } from '../support/fast-service.ts';
import type { FastAccount } from '../support/fast-service.ts';

/** The part of a process. */
export interface BatchPart {
  readonly account: FastAccount;
  /** The folder of the permits, which all share; images and store have a folder of their own in it. */
  readonly folder: string;
  readonly first: number;
  readonly jobs: number;
}

// Useless without its parent.
process.once('disconnect', () => process.exit(1));

const { account, folder, first, jobs } = JSON.parse(process.argv[2] as string) as BatchPart;
const permits = await openSqlitePermits({ directory: folder });
const client = new ImageClient(createFastBackend(account), {
  outputDir: join(folder, String(first)),
  stateDir: join(folder, String(first)),
  permits,
  maxConcurrent: 'auto',
  timeoutMs: 3_600_000,
});
// Loads the SDK before the clock starts.
await client.probe();
process.send?.('ready');
await new Promise((resolve) => process.once('message', resolve));
const tasks = Array.from({ length: jobs }, (_, index) => ({
  prompt: `job ${first + index}`,
  taskId: `job-${first + index}`,
}));
for (const result of await client.generateBatch(tasks)) if (!result.success) throw result.error;
await client.close();
await permits.close();
process.exit(0);
