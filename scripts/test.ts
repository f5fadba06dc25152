/**
 * `pnpm test [filters and options of vitest]`: installs what tests need beyond npm, runs them, and ends with one plain line,
 * `N passed, N failed`. A suite that cannot run is reported loudly; with `CI=true` it counts as failed.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { providePrerequisites } from './support/prerequisites.ts';
import { runCommand } from './support/run-command.ts';
import { formatSummary, summaryFileVariable } from './support/test-summary.ts';
import type { TestSummary } from './support/test-summary.ts';

// pnpm passes on a separating `--`.
const args = process.argv.slice(2).filter((argument, index) => !(index === 0 && argument === '--'));
const filters = args.filter(
  (argument, index) => !argument.startsWith('-') && !['-t', '--testNamePattern'].includes(args[index - 1] ?? ''),
);
const strict = process.env['CI'] === 'true' || process.env['CI'] === '1';

const notRun = await providePrerequisites(filters);
const folder = mkdtempSync(join(tmpdir(), 'holodeck-test-'));
const summaryFile = join(folder, 'summary.json');
const excludes = notRun.flatMap(({ suites }) => suites.flatMap((suite) => ['--exclude', `${suite}/**`]));
const reporter = '--reporter=./scripts/progress-reporter.ts';
const exitCode = await runCommand('vitest', ['run', reporter, ...args, ...excludes], {
  env: { [summaryFileVariable]: summaryFile },
});

let summary: TestSummary;
try {
  summary = JSON.parse(readFileSync(summaryFile, 'utf8')) as TestSummary;
} catch {
  console.error('vitest ended without a summary.');
  summary = { passed: 0, failed: 1, skipped: 0 };
}
rmSync(folder, { recursive: true, force: true });

for (const { prerequisite, suites } of notRun) {
  console.error(`\n!!! NOT RUN: ${suites.join(', ')} - ${prerequisite.name} is missing.`);
  console.error(`!!! Install it (Debian: apt-get install ${prerequisite.aptPackage}) and run the tests again.`);
}
const suitesNotRun = new Set(notRun.flatMap(({ suites }) => suites)).size;
const failed = summary.failed + (strict ? suitesNotRun : 0);
const total: TestSummary = {
  passed: summary.passed,
  failed: exitCode !== 0 && failed === 0 ? 1 : failed,
  skipped: summary.skipped + (strict ? 0 : suitesNotRun),
};
console.log(formatSummary(total));
process.exitCode = total.failed > 0 ? 1 : 0;
