/**
 * `pnpm pack:all [--out folder]`: builds every public package, writes its tarball, by default to `artifacts/tarballs`, and prints the command
 * that installs them: packages that are not on a registry must all be named.
 */
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { root, runCommand } from './support/run-command.ts';

const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'artifacts', 'tarballs') } } });
const out = resolve(values.out);
mkdirSync(out, { recursive: true });

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifests = new Map(
  ['packages', 'apps']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name, 'package.json')))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Manifest)
    .filter((manifest) => manifest.private !== true)
    .map((manifest) => [manifest.name, manifest]),
);

/** Adds a package of this repository and those that it needs. */
function withNeeded(name: string, found: Set<string>): void {
  const manifest = manifests.get(name);
  if (manifest === undefined || found.has(name)) return;
  found.add(name);
  for (const needed of Object.keys(manifest.dependencies ?? {})) withNeeded(needed, found);
}

const tarball = (name: string): string =>
  join(out, `${name.slice(1).replace('/', '-')}-${manifests.get(name)?.version ?? ''}.tgz`);

const filters = [...manifests.keys()].flatMap((name) => ['--filter', name]);
// pnpm packs, since npm does not know the `workspace:` protocol.
for (const args of [
  ['run', 'build'],
  ['pack', '--pack-destination', out],
]) {
  const exitCode = await runCommand('pnpm', ['--recursive', ...filters, ...args]);
  if (exitCode !== 0) process.exit(exitCode);
}
console.log('\nIn your project:');
// Sessions over all services, over one, one service alone, the command line, and emulators for tests.
for (const names of [
  ['hybrid', 'hunyuan', 'openai', 'comfyui'],
  ['hybrid', 'hunyuan'],
  ['hybrid', 'openai'],
  ['hunyuan'],
  ['openai'],
  ['comfyui'],
  ['cli'],
  ['emulators'],
]) {
  const needed = new Set<string>();
  for (const name of names) withNeeded(`@holodeck/${name}`, needed);
  console.log(`\n${names.join(' + ')}:\nnpm install ${[...needed].map(tarball).join(' ')}`);
}
