import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What one stream took. */
export interface StreamMeasure {
  readonly tasks: number;
  readonly totalMs: number;
  /** Memory of the process (RSS), in bytes: the median of the second half of the stream. */
  readonly residentBytes: number;
  /** The most that it ever was. */
  readonly peakBytes: number;
  /** Heap that is alive at the end, in bytes. */
  readonly heapBytes: number;
}

const worker = fileURLToPath(new URL('stream-worker.ts', import.meta.url));

/**
 * V8 enlarges its young generation step by step up to 3 x 32 MB over the first tens of thousands of tasks, whatever lives
 * in it. At a fixed size, the memory of a process tells what its program holds.
 */
const fixedYoungGeneration = ['--min-semi-space-size=16', '--max-semi-space-size=16'];

/** Runs a stream of so many tasks in a process of its own. */
export async function measureStream(store: 'memory' | 'sqlite', tasks: number): Promise<StreamMeasure> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@holodeck/source',
    '--expose-gc',
    ...fixedYoungGeneration,
    worker,
    store,
    String(tasks),
  ]);
  return JSON.parse(stdout) as StreamMeasure;
}
