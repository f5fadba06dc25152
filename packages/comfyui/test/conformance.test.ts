import { ConformanceReport, describeImageBackend } from '@holodeck/conformance';
import { afterAll, describe, expect, it } from 'vitest';
import { longestWaitMs } from '../../../test/support/until.ts';
import { createComfyUIHarness } from './support/conformance-harness.ts';
import { standardGraph } from './support/graphs.ts';

// The table of all backends runs the built-in graphs on a new server; this file runs a custom workflow and an old server.
const report = new ConformanceReport();
const workflow = standardGraph();
workflow['7']!.inputs['text'] = '';

describeImageBackend({
  name: 'comfyui 0.3.64, own workflow',
  runner: { describe, it, expect },
  report,
  patienceMs: longestWaitMs,
  createHarness: () => createComfyUIHarness({ workflow }, '0.3.64'),
});

afterAll(() => console.log(report.toText()));
