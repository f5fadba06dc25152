/** `batch-worker.ts <lines> <api key> <base URL>`: makes so many images in one batch of OpenAI, and prints its memory as JSON. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageClient } from '@holodeck/core';
import type { GenerationTask, TaskEvent } from '@holodeck/core';
import { createOpenAIBackend } from '@holodeck/openai';
import { peakBytes } from './peak-bytes.ts';

/** The memory of a process that collects a batch, in bytes. */
export interface BatchMeasure {
  readonly done: number;
  /** Its memory before the first task, and once all tasks wait for the batch. */
  readonly startBytes: number;
  readonly waitingBytes: number;
  readonly peakBytes: number;
  /** The most that buffers held after a garbage collection, while images were collected. */
  readonly bufferBytes: number;
}

const [countText, apiKey = '', baseURL = ''] = process.argv.slice(2);
const count = Number(countText);

function* tasks(): Generator<GenerationTask> {
  const providerOptions = { openai: { quality: 'low' } };
  for (let index = 0; index < count; index += 1) {
    const taskId = `lamp-${index}`;
    yield { taskId, prompt: `a lamp, the ${index}th`, outputPath: `${taskId}.png`, providerOptions };
  }
}

const folder = await mkdtemp(join(tmpdir(), 'holodeck-batch-'));
try {
  const backend = createOpenAIBackend({ apiKey, baseURL, delivery: 'batch', batchGatherMs: 5000 });
  const client = new ImageClient(backend, { outputDir: folder });
  const startBytes = process.memoryUsage.rss();
  let waitingBytes = 0;
  let accepted = 0;
  const onProgress = (event: TaskEvent): void => {
    if (event.type !== 'state' || event.state !== 'accepted' || (accepted += 1) < count) return;
    globalThis.gc?.();
    waitingBytes = process.memoryUsage.rss();
  };
  let done = 0;
  let bufferBytes = 0;
  for await (const result of client.generateStream(tasks(), { onProgress })) {
    if (!result.success) throw result.error;
    const [{ path = '' }] = result.images;
    // As a consumer that moves images elsewhere.
    await rm(path);
    done += 1;
    if (done % Math.ceil(count / 10) !== 0 || done === count) continue;
    // Needs `--expose-gc`.
    globalThis.gc?.();
    bufferBytes = Math.max(bufferBytes, process.memoryUsage().arrayBuffers);
  }
  await client.close();
  const measure: BatchMeasure = { done, startBytes, waitingBytes, peakBytes: await peakBytes(), bufferBytes };
  console.log(JSON.stringify(measure));
} finally {
  await rm(folder, { recursive: true, force: true });
}
