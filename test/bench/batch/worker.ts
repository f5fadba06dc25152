/** Makes pictures in one batch of OpenAI and sends how much memory that takes: `worker.ts <base URL> <key> <lines>`. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageClient } from '@holodeck/core';
import type { GenerationTask, TaskEvent } from '@holodeck/core';
import { createOpenAIBackend } from '@holodeck/openai';

/** Resident memory at moments of one batch, in megabytes. */
export interface BatchMemory {
  /** Once the client is there. */
  readonly clientMb: number;
  /** While all lines wait. */
  readonly waitingMb: number;
  /** At most, from the first task to the last picture. */
  readonly peakMb: number;
  /** At most in buffers outside of V8's heap, of those that were seen after each picture. */
  readonly buffersMb: number;
}

const [baseURL = '', apiKey = '', lines = ''] = process.argv.slice(2);
const count = Number(lines);
const memoryMb = (): number => process.memoryUsage.rss() / 1e6;
const peakMb = (): number => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1.024e-3;

function* tasks(): Generator<GenerationTask> {
  for (let index = 0; index < count; index += 1)
    yield {
      taskId: `lamp-${index}`,
      prompt: `a lamp of brass on a table of oak, the ${index}th of a row`,
      outputPath: `lamp-${index}.png`,
      providerOptions: { openai: { quality: 'low' } },
    };
}

const outputDir = await mkdtemp(join(tmpdir(), 'holodeck-bench-'));
try {
  const backend = createOpenAIBackend({ apiKey, baseURL, delivery: 'batch', batchGatherMs: 5000 });
  const client = new ImageClient(backend, { outputDir });
  await client.openStore();
  const clientMb = memoryMb();
  let [waitingMb, buffersMb, accepted] = [0, 0, 0];
  const onProgress = (event: TaskEvent): void => {
    if (event.type !== 'state' || event.state !== 'accepted' || (accepted += 1) < count) return;
    globalThis.gc?.();
    waitingMb = memoryMb();
  };
  for await (const result of client.generateStream(tasks(), { onProgress })) {
    if (!result.success) throw result.error;
    // As a program that moves its pictures elsewhere.
    for (const { path = '' } of result.images) await rm(path);
    buffersMb = Math.max(buffersMb, process.memoryUsage().arrayBuffers / 1e6);
  }
  await client.close();
  process.send?.({ clientMb, waitingMb, peakMb: peakMb(), buffersMb } satisfies BatchMemory);
} finally {
  await rm(outputDir, { recursive: true, force: true });
}
process.disconnect?.();
