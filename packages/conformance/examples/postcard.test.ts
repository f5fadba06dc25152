import { ConformanceReport, describeImageBackend } from '@holodeck/conformance';
import { afterAll, describe, expect, it } from 'vitest';
import { createPostcardHarness } from './postcard-harness.ts';

const report = new ConformanceReport();

describeImageBackend({
  name: 'postcard',
  runner: { describe, it, expect },
  createHarness: createPostcardHarness,
  report,
});

afterAll(() => console.log(report.toText()));
