/**
 * Checks every public package as a user would install it: `publint` reads the manifest and the packed files, `attw`
 * resolves the types under each module system. Needs a build.
 */
import type { StdioOptions } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root, runCommand } from './support/run-command.ts';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
}

const folders = ['packages', 'apps'].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => join(group, name)),
);
const failed: string[] = [];
for (const folder of folders) {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  if (manifest.private === true) continue;
  const packed = mkdtempSync(join(tmpdir(), 'holodeck-pack-'));
  console.log(`\n${manifest.name}`);
  const options = { cwd: join(root, folder) };
  // pnpm packs, because npm does not know the `workspace:` protocol.
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['publint', ['--strict', '--pack', 'pnpm']],
    ['pnpm', ['--silent', 'pack', '--pack-destination', packed]],
  ];
  let ok = true;
  for (const [command, args] of steps) {
    // pnpm lists every packed file, even with --silent.
    const stdio: StdioOptions = command === 'pnpm' ? ['ignore', 'ignore', 'inherit'] : 'inherit';
    ok = ok && (await runCommand(command, args, { ...options, stdio })) === 0;
  }
  const tarball = readdirSync(packed).find((name) => name.endsWith('.tgz'));
  ok = ok && tarball !== undefined;
  if (ok && tarball !== undefined) {
    ok = (await runCommand('attw', [join(packed, tarball), '--profile', 'esm-only', '--quiet'], options)) === 0;
  }
  rmSync(packed, { recursive: true, force: true });
  if (!ok) failed.push(manifest.name);
}
if (failed.length > 0) {
  console.error(`Package checks failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
