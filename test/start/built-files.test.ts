import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const isWindows = process.platform === 'win32';
const command = isWindows ? 'holodeck.cmd' : 'holodeck';

/** A clone with the command line's own files; the rest is linked. Other tests run the repository's bundle meanwhile. */
function makeClone(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holodeck-clone-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of [command, 'scripts', 'apps/cli/src', 'apps/cli/package.json', 'pnpm-lock.yaml'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of ['packages', 'node_modules']) symlinkSync(join(root, name), join(folder, name), 'junction');
  const modules = join('apps', 'cli', 'node_modules');
  mkdirSync(join(folder, modules));
  for (const name of readdirSync(join(root, modules)))
    if (!name.startsWith('.')) symlinkSync(join(root, modules, name), join(folder, modules, name), 'junction');
  return folder;
}

it('./holodeck builds the command line when sources are newer, and only then', async () => {
  const folder = makeClone();
  const holodeck = (...args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
    promisify(execFile)(join(folder, command), [...args], { shell: isWindows });
  const first = await holodeck('--version');
  expect(first.stderr).toContain('Building the command line');
  expect(await holodeck('--version')).toEqual({ stdout: first.stdout, stderr: '' });
  for (const source of ['apps/cli/src/index.ts', 'scripts/holodeck.mjs', 'scripts/support/bundle.mjs']) {
    const now = new Date();
    utimesSync(join(folder, source), now, now);
    expect((await holodeck('--version')).stderr, source).toContain('Building the command line');
  }
  // A command that loads the backends runs from the same files.
  const { stdout } = await holodeck('generate', 'a lamp', '--backend', 'openai', '--help');
  expect(stdout).toContain('--backend');
});
