/**
 * Starts the command line from one bundle, which is built at the first use and again when sources are newer. Only sharp, which is
 * native, and the emulators, which draw with native code too, stay outside it.
 */
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

await import('./check-node.mjs');

const root = fileURLToPath(new URL('..', import.meta.url));
// Below the command line, because what stays outside the bundle is found from there.
const cache = join(root, 'apps/cli/node_modules/.cache/holodeck');
const bundle = join(cache, 'bundle');
const main = join(bundle, 'main.js');
const outside = /^(@holodeck\/emulators|sharp)(\/|$)/;

if (!isFresh()) await build();
module.enableCompileCache(join(cache, 'compiled'));
await import(pathToFileURL(main).href);

/** Whether the bundle is newer than all that it is made of. Folders count too: they tell of removed files. */
function isFresh() {
  if (!existsSync(main)) return false;
  const builtAtMs = statSync(main).mtimeMs;
  const isOlder = (path) => statSync(path).mtimeMs < builtAtMs;
  // `readdirSync` with `recursive` takes five times as long.
  const isOldFolder = (folder) =>
    isOlder(folder) &&
    readdirSync(folder, { withFileTypes: true }).every((entry) =>
      (entry.isDirectory() ? isOldFolder : isOlder)(`${folder}/${entry.name}`),
    );
  const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'src'));
  const folders = [join(root, 'apps/cli/src'), ...packages].filter((folder) => existsSync(folder));
  return isOlder(join(root, 'pnpm-lock.yaml')) && folders.every(isOldFolder);
}

async function build() {
  console.error('Building the command line, once for these sources ...');
  const { build: bundleWith } = await import('tsdown');
  // Two first uses at once do not see each other's half.
  const part = `${bundle}-${process.pid}`;
  await bundleWith({
    config: false,
    cwd: join(root, 'apps/cli'),
    // Threads for cards start from a file of their own.
    entry: { main: 'src/main.ts', 'card-worker': '../../packages/cards/src/card-worker.ts' },
    outDir: part,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    noExternal: (id) => !outside.test(id),
    external: [outside],
    // `import` or `require` is added for each way to load: some packages have different files for them.
    inputOptions: { resolve: { conditionNames: ['@holodeck/source', 'node', 'default'] } },
    dts: false,
    sourcemap: false,
    fixedExtension: false,
    hash: false,
    logLevel: 'error',
  });
  // The command line reads its version from the folder above.
  copyFileSync(join(root, 'apps/cli/package.json'), join(cache, 'package.json'));
  try {
    rmSync(bundle, { recursive: true, force: true });
    renameSync(part, bundle);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(main)) throw error;
  }
}
