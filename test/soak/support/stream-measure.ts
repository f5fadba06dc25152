import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What one stream took. */
export interface StreamMeasure {
  readonly tasks: number;
  /** By the clock on the wall; what else the machine does counts in. */
  readonly totalMs: number;
  /** Of the processor, user and system. */
  readonly cpuMs: number;
  /** Memory of the process (RSS), in bytes: the median of the second half of the stream. */
  readonly residentBytes: number;
  /** The most that it ever was. */
  readonly peakBytes: number;
  /** Heap that is alive at the end, in bytes. */
  readonly heapBytes: number;
}

const worker = fileURLToPath(new URL('stream-worker.ts', import.meta.url));

/**
 * V8 lets garbage lie while it may take more memory from the system: over its first tens of thousands of tasks a process grows
 * by 100 MB, whatever lives in it (some 15 MB). In a heap of this size its memory tells what its program holds.
 */
const smallHeap = ['--max-old-space-size=64', '--min-semi-space-size=4', '--max-semi-space-size=4'];

/** Runs a stream of so many tasks in a process of its own. */
export async function measureStream(store: 'memory' | 'sqlite', tasks: number): Promise<StreamMeasure> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@holodeck/source',
    '--expose-gc',
    ...smallHeap,
    worker,
    store,
    String(tasks),
  ]);
  return JSON.parse(stdout) as StreamMeasure;
}
