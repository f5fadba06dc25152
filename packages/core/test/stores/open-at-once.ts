/** A thread of several that open new permits files at the same moments, and count how often that failed. */
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { openSqlitePermits } from '@holodeck/core/stores';

/** What such a thread is given. */
export interface OpenAtOnce {
  readonly directory: string;
  readonly rounds: number;
  readonly threads: number;
  /** How many threads have reached each round. */
  readonly arrived: Int32Array;
  /** At 0: files that could not be opened. */
  readonly failed: Int32Array;
}

const { directory, rounds, threads, arrived, failed } = workerData as OpenAtOnce;
for (let round = 0; round < rounds; round += 1) {
  Atomics.add(arrived, round, 1);
  // Not a wait that the system would end for one thread after the other.
  while (Atomics.load(arrived, round) < threads);
  try {
    const permits = await openSqlitePermits({ directory: join(directory, String(round)) });
    await permits.close();
  } catch {
    Atomics.add(failed, 0, 1);
  }
}
