import { ConformanceReport, describeImageBackend } from '@holodeck/conformance';
import type { SuiteRunner } from '@holodeck/conformance';
import { afterAll, describe, expect, it } from 'vitest';
import { longestWaitMs } from '../support/until.ts';
import { createOpenAIHarness } from './support/openai-harness.ts';

/** What a profile decides; the rest is the same code as with OpenAI's. */
const topics = new Set(['options', 'references', 'submission', 'faults']);
const report = new ConformanceReport();
const runner: SuiteRunner = {
  describe: (name, body) => {
    if (name.startsWith('image backend: ') || topics.has(name)) describe(name, body);
  },
  it,
  expect,
};

for (const profile of ['ark', 'xai', 'together', 'siliconflow', 'openrouter', 'vllm-omni', 'sglang'] as const) {
  const createHarness = async () => createOpenAIHarness(profile);
  describeImageBackend({ name: profile, runner, createHarness, report, patienceMs: longestWaitMs });
}

afterAll(() => console.log(report.toText()));
