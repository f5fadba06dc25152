import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { publicPackages, root } from './public-packages.ts';
import { runOrThrow } from './run.ts';

/**
 * Builds every public package and packs it as it would be published.
 *
 * @returns Path of the tarball by package name.
 */
export async function packPackages(folder: string): Promise<ReadonlyMap<string, string>> {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string };
  await runOrThrow('npx', ['--yes', packageManager, 'pack:all', '--out', folder], { cwd: root });
  const tarballs = readdirSync(folder);
  return new Map(
    publicPackages.map(({ name, manifest }) => {
      const file = `${name.slice(1).replace('/', '-')}-${manifest.version}.tgz`;
      if (!tarballs.includes(file)) throw new Error(`${name} was not packed as ${file}: ${tarballs.join(', ')}`);
      return [name, join(folder, file)];
    }),
  );
}
