/** The assertions that the suites use, which vitest, jest and others have in common. */
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

/** The caller's test runner. A parameter, so that the suites depend on no test runner. */
export interface SuiteRunner {
  describe(name: string, body: () => void): unknown;
  /**
   * A runner that passes a test context with `skip(reason)` to the body (vitest, node:test) shows skipped tests as skipped;
   * with others they pass, and their reason is printed.
   */
  it(name: string, body: (...context: readonly unknown[]) => Promise<void>): unknown;
  expect(actual: unknown, message?: string): SuiteMatchers;
}
