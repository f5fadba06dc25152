import { ConformanceReport, describeImageBackend } from '@holodeck/conformance';
import type { BackendHarness, DescribeImageBackendOptions } from '@holodeck/conformance';
import { expect } from 'vitest';

interface RunOptions {
  readonly createHarness: () => Promise<BackendHarness>;
  /** Only assertions of these topics. Default: all. */
  readonly topics?: readonly string[];
  /** Only assertions whose names contain this. */
  readonly only?: string;
  readonly options?: Partial<DescribeImageBackendOptions>;
}

export interface SuiteRun {
  readonly report: ConformanceReport;
  /** Names of the tests that the runner saw fail. */
  readonly failed: readonly string[];
}

/** Runs the suite with a small runner of its own, so that what it finds can be looked at. */
export async function runSuite({ createHarness, topics, only = '', options = {} }: RunOptions): Promise<SuiteRun> {
  const tests: { readonly name: string; readonly body: () => Promise<void> }[] = [];
  const path: string[] = [];
  const report = new ConformanceReport();
  describeImageBackend({
    name: 'postcard',
    createHarness,
    report,
    // Those that never end wait for as long; the others must not meet it on a busy machine.
    patienceMs: 15_000,
    runner: {
      describe(name, body) {
        path.push(name);
        body();
        path.pop();
      },
      it(name, body) {
        const [, topic = ''] = path;
        if ((topics?.includes(topic) ?? true) && name.includes(only)) tests.push({ name: `${topic}: ${name}`, body });
      },
      expect,
    },
    ...options,
  });
  const failed: string[] = [];
  for (const { name, body } of tests) {
    await body().catch(() => failed.push(name));
  }
  return { report, failed };
}
