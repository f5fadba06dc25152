import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { withPackages } from '../../support/packages.ts';

/** The time and memory of one stream. */
export interface StreamMeasure {
  readonly tasks: number;
  /** Wall-clock time, which includes other work of the machine. */
  readonly totalMs: number;
  /** Of the processor, user and system. */
  readonly cpuMs: number;
  /** Memory of the process (RSS), in bytes: the median of the second half of the stream. */
  readonly residentBytes: number;
  /** Its peak. */
  readonly peakBytes: number;
  /** Live heap at the end, in bytes. */
  readonly heapBytes: number;
}

const worker = fileURLToPath(new URL('stream-worker.ts', import.meta.url));

/**
 * V8 delays garbage collection while it can get more memory from the system: over its first tens of thousands of tasks a process grows
 * by 100 MB although only some 15 MB are live. With a heap of this size its memory shows what the program holds.
 */
const smallHeap = ['--max-old-space-size=64', '--min-semi-space-size=4', '--max-semi-space-size=4'];

/** Runs a stream of so many tasks in its own process. */
export async function measureStream(store: 'memory' | 'sqlite', tasks: number): Promise<StreamMeasure> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...withPackages,
    '--expose-gc',
    ...smallHeap,
    worker,
    store,
    String(tasks),
  ]);
  return JSON.parse(stdout) as StreamMeasure;
}
