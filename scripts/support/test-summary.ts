/** How a test run ended. */
export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The environment variable that names the file into which the reporter writes the counts. */
export const summaryFileVariable = 'HOLODECK_TEST_SUMMARY';

/** `N passed, N failed`, with `, N skipped` where there are any. */
export function formatSummary(summary: TestSummary): string {
  const skipped = summary.skipped > 0 ? `, ${summary.skipped} skipped` : '';
  return `${summary.passed} passed, ${summary.failed} failed${skipped}`;
}
