import type { ConformanceReport } from './conformance-report.ts';
import { BackendFixture } from './backend-fixture.ts';
import type { DescribeImageBackendOptions } from './describe-image-backend.ts';
import { SkippedTest } from './skipped-test.ts';

/** What one assertion costs where images cost money. */
export interface TestCost {
  /** It runs in economy too, and makes so many images there. Absent = not in economy. */
  readonly images: number;
}

/** Defines one assertion of a topic. */
export type DefineTest = (name: string, body: (fixture: BackendFixture) => Promise<void>, cost?: TestCost) => void;

const tooDear = 'left out in economy: it makes images, or disturbs the service';

/** Registers assertions with the runner, and settles what becomes of each. */
export class BackendSuite {
  readonly #options: DescribeImageBackendOptions;
  readonly #report: ConformanceReport | undefined;
  readonly #tests: string[] = [];

  constructor(options: DescribeImageBackendOptions) {
    this.#options = options;
    this.#report = options.report;
  }

  /** A group of assertions about one thing. */
  topic(topic: string, define: (test: DefineTest) => void): void {
    const { runner } = this.#options;
    runner.describe(topic, () => {
      define((name, body, cost) => {
        const test = `${topic}: ${name}`;
        this.#tests.push(test);
        this.#report?.announce(this.#options.name, test);
        runner.it(name, async (...context) => this.#run(test, body, cost, context[0]));
      });
    });
  }

  /** An expected failure that names no assertion would hide its own mistake. */
  checkExpectedFailures(): void {
    const { runner, expectedFailures = [] } = this.#options;
    if (expectedFailures.length === 0) return;
    runner.it('expects failures only of assertions that exist', async () => {
      const unknown = expectedFailures.filter(({ test }) => !this.#tests.includes(test));
      runner.expect(unknown).toEqual([]);
    });
  }

  async #run(
    test: string,
    body: (fixture: BackendFixture) => Promise<void>,
    cost: TestCost | undefined,
    context: unknown,
  ): Promise<void> {
    const { name, expectedFailures = [], economy = false } = this.#options;
    const expected = expectedFailures.find((failure) => failure.test === test);
    try {
      if (economy && cost === undefined) throw new SkippedTest(tooDear);
      await this.#inFixture(body);
    } catch (error) {
      if (error instanceof SkippedTest) {
        this.#report?.record(name, test, { status: 'skipped', reason: error.reason });
        skipInRunner(context, `${name}: ${test}`, error.reason);
        return;
      }
      if (expected !== undefined) {
        this.#report?.record(name, test, { status: 'expected-failure', reason: expected.reason });
        return;
      }
      const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      this.#report?.record(name, test, { status: 'failed', message });
      throw error;
    }
    if (expected !== undefined) {
      const message = `It passes, but is listed among the expected failures (${expected.reason}). Take it off the list.`;
      this.#report?.record(name, test, { status: 'failed', message });
      throw new Error(message);
    }
    this.#report?.record(name, test, { status: 'passed' });
  }

  async #inFixture(body: (fixture: BackendFixture) => Promise<void>): Promise<void> {
    const { createHarness, runner, patienceMs = 20_000 } = this.#options;
    const fixture = await BackendFixture.create(await createHarness(), runner.expect, patienceMs);
    try {
      await body(fixture);
    } finally {
      await fixture.dispose();
    }
  }
}

function skipInRunner(context: unknown, test: string, reason: string): void {
  // The context of vitest is a function that has `skip`, that of node:test an object.
  const skip: unknown = context === null || context === undefined ? undefined : Reflect.get(Object(context), 'skip');
  if (typeof skip === 'function') Reflect.apply(skip, context, [reason]);
  else console.info(`skipped: ${test}: ${reason}`);
}
