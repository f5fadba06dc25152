import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { suitesInNeed } from '../../scripts/support/prerequisites.ts';
import { sampled } from '../support/long-runs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
let folder: string;
beforeEach(() => {
  // Inside the repository, so that `vitest` resolves.
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, 'reporters-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface End {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

function run(reporter: string, source: string): Promise<End> {
  writeFileSync(join(folder, 'x.test.ts'), `import { beforeAll, describe, expect, it } from 'vitest';\n${source}`);
  writeFileSync(join(folder, 'vitest.config.ts'), 'export default {};');
  const args = [vitest, 'run', '--root', folder, `--reporter=${join(root, 'scripts', reporter)}`];
  const { HOLODECK_TEST_SUMMARY: _summary, FORCE_COLOR: _color, HOLODECK_LONG_RUNS: _long, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { ...env, NO_COLOR: '1' }, cwd: folder }, (error, stdout) => {
      resolve({ lines: stdout.trimEnd().split('\n'), exitCode: error === null ? 0 : Number(error.code) });
    });
  });
}

const endings = [
  [
    'passes and skips',
    `it('a', () => {}); it('b', () => {}); it.skip('c', () => {});`,
    '2 passed, 0 failed, 1 skipped',
  ],
  ['a failure', `it('a', () => {}); it('b', () => { expect(1).toBe(2); });`, '1 passed, 1 failed'],
  ['a file that cannot be loaded', `throw new Error('at once');`, '0 passed, 1 failed'],
  ['an unhandled error', `it('a', () => { void Promise.reject(new Error('nobody')); });`, '1 passed, 1 failed'],
  [
    'a hook that fails',
    `describe('s', () => { beforeAll(() => { throw new Error('hook'); }); it('a', () => {}); });`,
    /^0 passed, 1 failed/,
  ],
  ['a worker that dies', `it('a', () => { process.kill(process.pid, 'SIGKILL'); });`, /^\d+ passed, [1-9]\d* failed/],
  ['no test', ``, '0 passed, 1 failed'],
] as const;

// Each is a run of vitest.
it.for(sampled(endings, 4))('ends with the counts: %s', async ([, source, expected], { expect }) => {
  const { lines, exitCode } = await run('summary-reporter.ts', source);
  const lastLine = lines.at(-1) ?? '';
  if (typeof expected === 'string') expect(lastLine).toBe(expected);
  else expect(lastLine).toMatch(expected);
  expect(exitCode === 0).toBe(lastLine.includes(' 0 failed'));
});

it('shows progress and each failure at once, and at the end the failures again, each with its command', async () => {
  const { lines, exitCode } = await run(
    'progress-reporter.ts',
    `import { sampled } from '${join(root, 'test', 'support', 'long-runs.ts')}';
    describe("it's", () => {
      it.each(sampled([1, 2, 3, 4], 2))('case %i [a]', (n) => { console.log('log of', n); expect(n).toBeLessThan(3); });
    });
    describe('hook', () => { beforeAll(() => { throw new Error('from a hook'); }); it('a', () => {}); });`,
  );
  const end = lines.lastIndexOf('Failed:');
  const before = lines.slice(0, end).join('\n');
  expect(before).toContain(
    "FAILED x.test.ts > it's > case 3 [a]\nlog of 3\nAssertionError: expected 3 to be less than 3",
  );
  expect(before).toContain('FAILED x.test.ts > hook\nError: from a hook');
  expect(before).not.toContain('log of 1');
  expect(before).toMatch(/^1 of 1 files, 2 failed, in \d+ min \d+ s$/m);
  expect(before).toMatch(/^Sampled \(HOLODECK_LONG_RUNS=1 .*\): x\.test\.ts$/m);
  const command = expect.stringMatching(/^ {4}npx --yes pnpm@[\d.]+ test x\.test\.ts -t '/);
  expect(lines.slice(end + 1)).toEqual([
    "  x.test.ts > it's > case 3 [a]",
    command,
    '  x.test.ts > hook',
    command,
    '1 passed, 2 failed, 1 skipped',
  ]);
  expect(lines[end + 2]).toContain(String.raw`-t 'it'\''s > case 3 \[a\]'`);
  expect(exitCode).toBe(1);
});

it('asks for prerequisites only if a suite of the run needs them', () => {
  const prerequisite = {
    name: 'x',
    probe: () => Promise.resolve(false),
    aptPackage: 'x',
    neededBy: ['test/scripts', 'test/none'],
  };
  expect(suitesInNeed(prerequisite, [])).toEqual(['test/scripts']);
  expect(suitesInNeed(prerequisite, ['packages/core'])).toEqual([]);
  expect(suitesInNeed(prerequisite, ['test'])).toEqual(['test/scripts']);
  expect(suitesInNeed(prerequisite, ['./test/scripts/summary-reporter.test.ts'])).toEqual(['test/scripts']);
});
