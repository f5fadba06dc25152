/** The assertions that the suites use: the common part of vitest, jest and their like. */
export interface SuiteMatchers {
  readonly not: SuiteMatchers;
  toBe(expected: unknown): void;
  toEqual(expected: unknown): void;
  toMatchObject(expected: object): void;
  toHaveLength(length: number): void;
  toContain(expected: unknown): void;
  toMatch(expected: RegExp): void;
  toBeUndefined(): void;
  toBeGreaterThan(expected: number): void;
  toBeGreaterThanOrEqual(expected: number): void;
  toBeLessThanOrEqual(expected: number): void;
}

/** The test runner of whoever runs a suite, handed in so that the suites depend on none. */
export interface SuiteRunner {
  describe(name: string, body: () => void): unknown;
  /**
   * A runner that hands a test context with `skip(reason)` to the body (vitest, node:test) shows skipped tests as
   * skipped; with any other they count as passed and their reason is printed.
   */
  it(name: string, body: (...context: readonly unknown[]) => Promise<void>): unknown;
  expect(actual: unknown, message?: string): SuiteMatchers;
}
