import { relative } from 'node:path';

import type { SerializedError } from 'vitest';
import type { TestCase, TestModule, TestSpecification, TestSuite, Vitest } from 'vitest/node';

import SummaryReporter from './summary-reporter.ts';
import { commandFor } from './support/test-command.ts';

const filesPerLine = 10;
const lineEveryMs = 30_000;

/**
 * Shows how many files are done, each failure at once, and nothing else. A terminal shows one line that changes; elsewhere
 * there is a new line every few files. The end lists the files of which only a sample ran, and the failures again, each with
 * the command that runs it alone.
 */
// Vitest takes a custom reporter as the default export of its file.
export default class ProgressReporter extends SummaryReporter {
  readonly #startedAtMs = performance.now();
  readonly #failures: string[] = [];
  #vitest: Vitest | undefined;
  #files = 0;
  #done = 0;
  #shown = { done: 0, atMs: performance.now() };

  override onInit(vitest: Vitest): void {
    super.onInit(vitest);
    this.#vitest = vitest;
  }

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#files = specifications.length;
    this.#showProgress();
  }

  onTestCaseResult(test: TestCase): void {
    const { state, errors = [] } = test.result();
    if (state === 'failed') this.#showFailure(test, errors);
  }

  onTestSuiteResult(suite: TestSuite): void {
    this.#showFailure(suite, suite.errors());
  }

  onTestModuleEnd(module: TestModule): void {
    this.#showFailure(module, module.errors());
    this.#done += 1;
    this.#showProgress();
  }

  override onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly SerializedError[],
    reason: string,
  ): void {
    super.onTestRunEnd(modules, unhandledErrors, reason);
    if (unhandledErrors.length > 0) this.#vitest?.logger.printUnhandledErrors(unhandledErrors);
    const seconds = Math.round((performance.now() - this.#startedAtMs) / 1000);
    this.#write(`${this.#progress()}, in ${Math.floor(seconds / 60)} min ${seconds % 60} s\n`);
    const sampled = modules.filter((module) => module.meta().sampled).map((module) => pathOf(module));
    if (sampled.length > 0)
      this.#write(`Sampled (HOLODECK_LONG_RUNS=1 runs them in full): ${sampled.toSorted().join(', ')}\n`);
    if (this.#failures.length > 0) this.#write(`\nFailed:\n${this.#failures.join('')}`);
  }

  #showFailure(where: TestCase | TestSuite | TestModule, errors: readonly SerializedError[]): void {
    if (this.#vitest === undefined || (errors.length === 0 && where.type !== 'test')) return;
    const path = pathOf(where.type === 'module' ? where : where.module);
    const name = where.type === 'module' ? undefined : where.fullName;
    const title = name === undefined ? path : `${path} > ${name}`;
    this.#failures.push(`  ${title}\n    ${commandFor(path, name)}\n`);
    const options = { project: where.project, showCodeFrame: true };
    const logs = where.logs().map(({ content }) => content);
    const details = errors.map((error) => this.#vitest?.logger.formatError(error, options).output);
    this.#write(`\nFAILED ${title}\n${logs.join('')}${details.join('')}\n`);
  }

  #progress(): string {
    return `${this.#done} of ${this.#files} files, ${this.#failures.length} failed`;
  }

  #showProgress(): void {
    if (process.stdout.isTTY) return this.#write(this.#progress());
    // The end of the run prints its own line.
    if (this.#done === this.#files) return;
    const now = performance.now();
    if (this.#done - this.#shown.done < filesPerLine && now - this.#shown.atMs < lineEveryMs) return;
    this.#shown = { done: this.#done, atMs: now };
    this.#write(`${this.#progress()}\n`);
  }

  /** In a terminal it replaces the progress line. */
  #write(text: string): void {
    process.stdout.write(process.stdout.isTTY ? `\r\x1b[K${text}` : text);
  }
}

function pathOf(module: TestModule): string {
  return relative(module.project.config.root, module.moduleId).replaceAll('\\', '/');
}
