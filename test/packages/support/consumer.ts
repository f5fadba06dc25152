import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { npmInstall } from './run.ts';

/** The programs of a user, in `consumer/`. */
const programs = fileURLToPath(new URL('../consumer', import.meta.url));

/** Installs the tarballs with npm into a folder outside the repository, with the programs that use them. */
export async function installConsumer(folder: string, tarballs: ReadonlyMap<string, string>): Promise<void> {
  cpSync(programs, folder, { recursive: true });
  const dependencies = Object.fromEntries([...tarballs].map(([name, tarball]) => [name, `file:${tarball}`]));
  const manifest = {
    name: 'stranger',
    private: true,
    type: 'module',
    dependencies,
    devDependencies: { '@types/node': '22.20.5' },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  await npmInstall(folder);
}
