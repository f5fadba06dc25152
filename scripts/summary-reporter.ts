import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

import { formatSummary, summaryFileVariable } from './support/test-summary.ts';
import type { TestSummary } from './support/test-summary.ts';

/**
 * A vitest reporter that counts. The last line of a run is `N passed, N failed`, so any CI can read it: this reporter prints it
 * when the process exits. Under `scripts/test.ts` it writes the counts to a file instead, and the script prints them after
 * everything else, even if vitest itself has crashed.
 */
// Vitest takes a custom reporter as the default export of its file.
export default class SummaryReporter implements Reporter {
  #summary: TestSummary | undefined;

  onInit(vitest: Vitest): void {
    if (vitest.config.watch) return;
    process.once('exit', () => {
      // Without a summary the run ended early.
      const summary = this.#summary ?? { passed: 0, failed: 1, skipped: 0 };
      const file = process.env[summaryFileVariable];
      if (file === undefined) process.stdout.write(`${formatSummary(summary)}\n`);
      else writeFileSync(file, JSON.stringify(summary));
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[], reason: string): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    for (const module of modules) {
      // Errors of a file or of a suite's hooks are not those of a test.
      if (module.errors().length > 0) failed += 1;
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed += 1;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
        else skipped += 1;
      }
    }
    if (reason !== 'passed' && failed === 0) failed = 1;
    this.#summary = { passed, failed, skipped };
  }
}
