/** How a test run ended. */
export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The environment variable with the file that the reporter writes the counts to. */
export const summaryFileVariable = 'HOLODECK_TEST_SUMMARY';

/** `N passed, N failed`, with `, N skipped` if there are any. */
export function formatSummary(summary: TestSummary): string {
  const skipped = summary.skipped > 0 ? `, ${summary.skipped} skipped` : '';
  return `${summary.passed} passed, ${summary.failed} failed${skipped}`;
}
