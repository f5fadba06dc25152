import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startOpenAIEmulator } from '@holodeck/emulators';
import { expect, it } from 'vitest';
import { sized } from '../support/long-runs.ts';
import { withPackages } from '../support/packages.ts';
import type { BatchMeasure } from './support/batch-worker.ts';

const lines = sized(100, 1000);
const worker = fileURLToPath(new URL('support/batch-worker.ts', import.meta.url));
const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
/** As in `measureStream`: memory then shows what the program holds, not what V8 has not collected yet. */
const smallHeap = ['--max-old-space-size=160', '--min-semi-space-size=4', '--max-semi-space-size=4'];

it(
  `collects ${lines} images of 1 MB from one batch within 150 MB beside its tasks`,
  async () => {
    const outputSize = { width: 64, height: 64 };
    const settings = { batchMs: 50, batchPollAfterMs: 20, imageMs: 0, imageBytes: 1_000_000, outputSize };
    const emulator = await startOpenAIEmulator(settings);
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [
        ...withPackages,
        '--expose-gc',
        ...smallHeap,
        worker,
        String(lines),
        emulator.apiKey,
        emulator.baseURL,
      ]);
      const { done, startBytes, waitingBytes, peakBytes, bufferBytes } = JSON.parse(stdout) as BatchMeasure;
      const each = (waitingBytes - startBytes) / lines;
      console.info(
        `${lines} lines: ${megabytes(startBytes)} MB at the start, ${megabytes(waitingBytes)} while all wait (${Math.round(each / 1000)} kB each), ` +
          `peak ${megabytes(peakBytes)}, ${megabytes(bufferBytes)} in buffers`,
      );
      expect(done).toBe(lines);
      expect(emulator.batches).toHaveLength(1);
      // A stream holds its tasks while they wait, however small their images are.
      expect(peakBytes - waitingBytes).toBeLessThan(150e6);
      // A task that is done and still held would add 300 kB.
      expect(bufferBytes).toBeLessThan(25e6);
    } finally {
      await emulator.close();
    }
  },
  sized(300_000, 3_600_000),
);
