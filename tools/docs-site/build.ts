/**
 * `pnpm docs:site [--out folder]`: builds the site, by default to `artifacts/site`, from the same markdown that tests run. A dead link fails it.
 * Its packages are installed at the first build; from then on it needs no network.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { pageText, picturesOf, readPages, root } from './pages.ts';

const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'artifacts', 'site') } } });
const out = resolve(values.out);
const here = import.meta.dirname;
const staged = join(here, '.staged');

function run(command: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, {
    cwd: here,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error !== undefined) console.error(`${command} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const { packageManager, repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly packageManager: string;
  readonly repository?: { readonly url: string };
};
const address = repository?.url.replace(/^git\+/, '').replace(/\.git$/, '');
// pnpm keeps a copy of the lockfile that it installed. While it is the same, nothing is asked of a registry, not even for pnpm itself.
const installed = join(here, 'node_modules', '.pnpm', 'lock.yaml');
const lockfile = readFileSync(join(here, 'pnpm-lock.yaml'), 'utf8');
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lockfile)
  run('npx', '--yes', packageManager, 'install', '--frozen-lockfile', '--prefer-offline');

rmSync(staged, { recursive: true, force: true });
const pages = readPages();
for (const page of pages) write(join(staged, page.path), pageText(page, pages, address));
for (const picture of picturesOf(pages)) cpSync(join(root, picture), join(staged, 'public', picture));
write(join(staged, '.vitepress', 'config.ts'), `export { config as default } from '../../site-config.ts';\n`);
run(process.execPath, join(here, 'node_modules', 'vitepress', 'bin', 'vitepress.js'), 'build', staged, '--outDir', out);
run(process.execPath, join(root, 'tools', 'api-reference', 'build.ts'), '--out', join(out, 'api'));
rmSync(staged, { recursive: true, force: true });
console.log(`\n${join(out, 'index.html')}, ${pages.length} pages`);
