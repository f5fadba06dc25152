import { execFile } from 'node:child_process';
import { utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const pathOf = (name: string): string => fileURLToPath(new URL(name, root));
const isWindows = process.platform === 'win32';

const holodeck = (...args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(pathOf(isWindows ? 'holodeck.cmd' : 'holodeck'), [...args], { shell: isWindows });

it('./holodeck builds the command line when sources are newer, and only then', async () => {
  const now = new Date();
  utimesSync(pathOf('apps/cli/src/index.ts'), now, now);
  const first = await holodeck('--version');
  expect(first.stderr).toContain('Building the command line');
  expect(await holodeck('--version')).toEqual({ stdout: first.stdout, stderr: '' });
  // A command that loads the backends runs from the same files.
  const { stdout } = await holodeck('generate', 'a lamp', '--backend', 'openai', '--help');
  expect(stdout).toContain('--backend');
});
