import { ConformanceReport, describeImageBackend } from '@holodeck/conformance';
import { afterAll, describe, expect, it } from 'vitest';
import { createComfyUIHarness } from './support/conformance-harness.ts';
import { standardGraph } from './support/graphs.ts';

const report = new ConformanceReport();
const runner = { describe, it, expect };
const workflow = standardGraph();
workflow['7']!.inputs['text'] = '';

describeImageBackend({ name: 'comfyui', runner, report, createHarness: () => createComfyUIHarness() });
describeImageBackend({
  name: 'comfyui 0.3.64, own workflow',
  runner,
  report,
  createHarness: () => createComfyUIHarness({ options: { workflow }, version: '0.3.64' }),
});
describeImageBackend({
  name: 'comfyui, two servers',
  runner,
  report,
  createHarness: () => createComfyUIHarness({ servers: 2 }),
});

afterAll(() => console.log(report.toText()));
