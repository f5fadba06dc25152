import { resolve } from 'node:path';
import { ConformanceReport, describeImageBackend } from '@holodeck/conformance';
import type { BackendHarness, SuiteRunner } from '@holodeck/conformance';
import { afterAll, describe, expect, it } from 'vitest';
import { sampled } from '../support/long-runs.ts';
import { longestWaitMs } from '../support/until.ts';
import { createAiSdkHarness, createOwnModelHarness } from './support/ai-sdk-harness.ts';
import { createComfyUIHarness } from './support/comfyui-harness.ts';
import { createHunyuanHarness } from './support/hunyuan-harness.ts';
import { createOpenAIBatchHarness } from './support/openai-batch-harness.ts';
import { createOpenAIHarness } from './support/openai-harness.ts';
import { createReplicateHarness } from './support/replicate-harness.ts';

const report = new ConformanceReport();

const columns: readonly (readonly [name: string, createHarness: () => Promise<BackendHarness>])[] = [
  ['hunyuan image-3.0', async () => createHunyuanHarness('image-3.0')],
  ['hunyuan tokenhub', async () => createHunyuanHarness('tokenhub')],
  ['hunyuan 2023-09-01', async () => createHunyuanHarness('2023-09-01')],
  ['hunyuan hy-image-3.5', async () => createHunyuanHarness('hy-image-3.5')],
  ['openai', async () => createOpenAIHarness('openai')],
  ['openai batch', createOpenAIBatchHarness],
  ['openai compatible', async () => createOpenAIHarness('compatible')],
  ['ai-sdk openai', createAiSdkHarness],
  ['ai-sdk replicate', createReplicateHarness],
  ['ai-sdk own model v3', async () => createOwnModelHarness('v3')],
  ['ai-sdk own model v4', async () => createOwnModelHarness('v4')],
  ['comfyui', async () => createComfyUIHarness(1)],
  ['comfyui pool of two', async () => createComfyUIHarness(2)],
];

/** The code that closes a column's backend: that of its package, and for batches that of their groups. */
const closedBy = (name: string): string => (name === 'openai batch' ? name : (name.split(' ')[0] ?? name));

/** Columns that run in a process of their own too, to see it end: one for each code that closes a backend, all in a long run. */
const ownProcess = [...Map.groupBy(columns, ([name]) => closedBy(name)).values()]
  .flatMap((kind) => sampled(kind, 1))
  .map(([name]) => name);

for (const [name, createHarness] of columns) {
  const runner: SuiteRunner = {
    describe,
    it: (test, body) => {
      if (test !== 'lets the process end' || ownProcess.includes(name)) it(test, body);
    },
    expect,
  };
  describeImageBackend({ name, runner, createHarness, report, patienceMs: longestWaitMs });
}

afterAll(async () => {
  await report.write(resolve(import.meta.dirname, '../../artifacts/conformance.md'));
  console.log(report.toText());
});
