/**
 * `pnpm run check`: everything that CI checks, fastest first: types, lint, format, unused code, dependencies, build, packages,
 * tests. All steps run, so one pass shows every fault; `--no-tests` skips the tests.
 */
import { runCommand } from './support/run-command.ts';

const steps: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ['types', 'tsc', ['-b']],
  ['lint', 'oxlint', ['--deny-warnings']],
  ['format', 'oxfmt', ['--check', '.']],
  ['unused code', 'knip', []],
  ['dependencies', process.execPath, ['scripts/check-dependencies.ts']],
  ['build', 'turbo', ['run', 'build']],
  ['packages', process.execPath, ['scripts/check-packages.ts']],
  ...(process.argv.includes('--no-tests')
    ? []
    : [['tests', process.execPath, ['scripts/test.ts']] as [string, string, readonly string[]]]),
];

const failed: string[] = [];
for (const [name, command, args] of steps) {
  console.log(`\n== ${name}: ${command} ${args.join(' ')}`);
  const exitCode = await runCommand(command, args, { shell: false });
  if (exitCode !== 0) failed.push(`${name} (exit ${exitCode})`);
}
// On success the last line is that of the tests.
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
