import type { SuiteRunner } from '../suite-runner.ts';
import { defineAbortTests } from './abort-tests.ts';
import type { BackendHarness } from './backend-harness.ts';
import { BackendSuite } from './backend-suite.ts';
import { defineClosingTests } from './closing-tests.ts';
import { defineCollectionTests } from './collection-tests.ts';
import type { ConformanceReport } from './conformance-report.ts';
import { defineDriverTests } from './driver-tests.ts';
import { defineFaultTests } from './fault-tests.ts';
import { defineHandleTests } from './handle-tests.ts';
import { defineIdentityTests } from './identity-tests.ts';
import { defineOptionTests } from './option-tests.ts';
import { defineProbeTests } from './probe-tests.ts';
import { defineReferenceTests } from './reference-tests.ts';
import { defineSecrecyTests } from './secrecy-tests.ts';
import { defineSubmissionTests } from './submission-tests.ts';

/** An assertion that is known to fail. It turns red as soon as it passes. */
export interface ExpectedFailure {
  /** The assertion's full name, such as `probe: takes no job slot`. */
  readonly test: string;
  /** Why it fails. Printed. */
  readonly reason: string;
}

/** Images that a run in economy makes at most. */
export const economyImages = 7;

/** What `describeImageBackend` takes. */
export interface DescribeImageBackendOptions {
  /** Shown in the report. */
  readonly name: string;
  readonly runner: SuiteRunner;
  /** Called once for each assertion. */
  readonly createHarness: () => BackendHarness | Promise<BackendHarness>;
  /** Default: none. */
  readonly expectedFailures?: readonly ExpectedFailure[];
  /** Collects the results for a table. */
  readonly report?: ConformanceReport;
  /** How long anything may take that should happen soon, in milliseconds. Default 20 000. */
  readonly patienceMs?: number;
  /**
   * For real services: only what is free or indispensable runs, `economyImages` images in all; the rest is skipped with
   * that reason. Default false.
   */
  readonly economy?: boolean;
}

/**
 * The suite that every `ImageBackend` passes. What is asserted follows from the capability record: what is not declared is
 * refused with zero calls seen, what is declared is visible in what was sent. Faults that a harness cannot provoke are
 * skipped with its reason, never in silence.
 */
export function describeImageBackend(options: DescribeImageBackendOptions): void {
  options.runner.describe(`image backend: ${options.name}`, () => {
    const suite = new BackendSuite(options);
    suite.topic('identity', defineIdentityTests);
    suite.topic('options', defineOptionTests);
    suite.topic('references', defineReferenceTests);
    suite.topic('probe', defineProbeTests);
    suite.topic('submission', defineSubmissionTests);
    suite.topic('collection', defineCollectionTests);
    suite.topic('faults', defineFaultTests);
    suite.topic('handles', defineHandleTests);
    suite.topic('abort', defineAbortTests);
    suite.topic('driver', defineDriverTests);
    suite.topic('secrecy', defineSecrecyTests);
    suite.topic('closing', defineClosingTests);
    suite.checkExpectedFailures();
  });
}
