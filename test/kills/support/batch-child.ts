/** A process that makes all its images in batches, and may be killed at any moment. */
import { ImageClient } from '@holodeck/core';
import { createOpenAIBackend } from '@holodeck/openai';

/** What the process is told, as JSON in its first argument. */
export interface BatchChildTask {
  readonly apiKey: string;
  readonly baseURL: string;
  readonly outputDir: string;
  readonly taskIds: readonly string[];
}

const { apiKey, baseURL, outputDir, taskIds } = JSON.parse(process.argv[2] ?? '') as BatchChildTask;
const backend = createOpenAIBackend({ apiKey, baseURL, delivery: 'batch', batchGatherMs: 20, batchListLagMs: 50 });
const client = new ImageClient(backend, { outputDir, retryBaseMs: 5, retryMaxMs: 20 });
const results = await client.generateBatch(
  taskIds.map((taskId) => ({
    taskId,
    prompt: `task ${taskId}`,
    outputPath: `${taskId}.png`,
    providerOptions: { openai: { quality: 'low' } },
  })),
);
await client.close();
console.log(JSON.stringify(results.map((result) => (result.success ? 'done' : result.error.outcome))));
