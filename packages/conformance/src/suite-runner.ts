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
  it(name: string, body: () => Promise<void>): unknown;
  expect(actual: unknown, message?: string): SuiteMatchers;
}
