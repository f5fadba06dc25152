import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { suitesInNeed } from '../../scripts/support/prerequisites.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const reporter = join(root, 'scripts', 'summary-reporter.ts');
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
let folder: string;
beforeEach(() => {
  // Inside the repository, so that `vitest` resolves.
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, 'summary-reporter-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(source: string): Promise<{ readonly lastLine: string; readonly exitCode: number }> {
  writeFileSync(join(folder, 'x.test.ts'), `import { beforeAll, describe, expect, it } from 'vitest';\n${source}`);
  writeFileSync(join(folder, 'vitest.config.ts'), 'export default {};');
  const args = [vitest, 'run', '--root', folder, '--reporter=default', `--reporter=${reporter}`];
  const { HOLODECK_TEST_SUMMARY: _summary, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, cwd: folder }, (error, stdout) => {
      const lastLine = stdout.trimEnd().split('\n').at(-1) ?? '';
      resolve({ lastLine, exitCode: error === null ? 0 : Number(error.code) });
    });
  });
}

it.for([
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
] as const)('ends with the counts: %s', async ([, source, expected], { expect }) => {
  const { lastLine, exitCode } = await run(source);
  if (typeof expected === 'string') expect(lastLine).toBe(expected);
  else expect(lastLine).toMatch(expected);
  expect(exitCode === 0).toBe(lastLine.includes(' 0 failed'));
});

it('asks for prerequisites only where a suite of the run needs them', () => {
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
