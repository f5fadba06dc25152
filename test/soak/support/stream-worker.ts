/** `stream-worker.ts <memory|sqlite> <tasks>`: runs one stream in its own process and prints its time and memory as JSON. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageClient } from '@holodeck/core';
import type { GenerationTask } from '@holodeck/core';
import { InstantBackend } from '../../support/instant-backend.ts';
import { peakBytes } from './peak-bytes.ts';
import type { StreamMeasure } from './stream-measure.ts';

const [store, countText] = process.argv.slice(2);
const count = Number(countText);

function* tasks(): Generator<GenerationTask> {
  for (let index = 0; index < count; index += 1) {
    const name = { taskId: `lamp-${index}`, ...(store === 'sqlite' ? { outputPath: `lamp-${index}.png` } : {}) };
    yield { prompt: `a lamp, the ${index}th`, size: '64x64', ...name };
  }
}

const folder = await mkdtemp(join(tmpdir(), 'holodeck-stream-'));
const startedAtMs = performance.now();
const cpuBefore = process.cpuUsage();
const samples: number[] = [];
let done = 0;
try {
  const client = new ImageClient(new InstantBackend(), store === 'sqlite' ? { outputDir: folder } : {});
  for await (const result of client.generateStream(tasks())) {
    if (!result.success) throw result.error;
    const [{ path }] = result.images;
    // As a consumer that moves images elsewhere; a folder of 100,000 files is another subject.
    if (path !== undefined) await rm(path);
    done += 1;
    if (done > count / 2 && done % 100 === 0) samples.push(process.memoryUsage.rss());
  }
  await client.close();
  const measure: StreamMeasure = {
    tasks: done,
    totalMs: performance.now() - startedAtMs,
    cpuMs: cpuSince(cpuBefore),
    residentBytes: samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? process.memoryUsage.rss(),
    peakBytes: await peakBytes(),
    heapBytes: heapAfterCollection(),
  };
  console.log(JSON.stringify(measure));
} finally {
  await rm(folder, { recursive: true, force: true });
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Needs `--expose-gc`. */
function heapAfterCollection(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
