import type { BatchMemory } from '../batch/worker.ts';
import { startService } from '../peers/measure.ts';
import type { BenchTable } from '../support/bench-table.ts';
import { runWorker } from '../support/run-worker.ts';

const sizes = [100, 500];

/** The memory of a process that makes pictures of 1 MB in one batch of OpenAI. One round: it hardly varies, and takes a minute. */
export async function measureBatchMemory(): Promise<BenchTable> {
  const outputSize = { width: 64, height: 64 };
  const settings = { server: 'openai', batchMs: 1000, batchPollAfterMs: 100, outputSize };
  const { address, set, stop } = await startService('openai', settings);
  const runs = new Map<number, BatchMemory>();
  try {
    await set({ imageBytes: 1_000_000 });
    for (const lines of sizes) {
      const args = [`${address.url}/v1`, address.apiKey ?? '', String(lines)];
      runs.set(lines, await runWorker<BatchMemory>('batch/worker.ts', args));
    }
  } finally {
    stop();
  }
  return {
    title: 'Memory of a batch',
    note: 'Resident memory of a process with nothing but the client, which makes so many pictures of 1 MB in one batch of OpenAI and moves each away; one round. Aim with 5,000: 150 MB.',
    header: ['lines', 'client MB', 'all waiting MB', 'peak MB', 'peak less client MB', 'in buffers MB'],
    rows: [...runs].map(([lines, { clientMb, waitingMb, peakMb, buffersMb }]) =>
      [lines, clientMb, waitingMb, peakMb, peakMb - clientMb, buffersMb].map((figure) => figure.toFixed(0)),
    ),
    figures: Object.fromEntries(runs),
  };
}
