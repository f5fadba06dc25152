/** Bundles of this repository's sources: a few files, which load in a fraction of the time of the sources. */
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Whether a file of a bundle is newer than all that it is made of, and than `builder`, which says what is in it. Folders count
 * too: they tell of removed files.
 */
export function isFresh(file, builder) {
  if (!existsSync(file)) return false;
  const builtAtMs = statSync(file).mtimeMs;
  const isOlder = (path) => statSync(path).mtimeMs < builtAtMs;
  // `readdirSync` with `recursive` takes five times as long.
  const isOldFolder = (folder) =>
    isOlder(folder) &&
    readdirSync(folder, { withFileTypes: true }).every((entry) =>
      (entry.isDirectory() ? isOldFolder : isOlder)(`${folder}/${entry.name}`),
    );
  const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'src'));
  const folders = [join(root, 'apps/cli/src'), ...packages].filter((folder) => existsSync(folder));
  const files = [builder, import.meta.filename, join(root, 'pnpm-lock.yaml')];
  return files.every(isOlder) && folders.every(isOldFolder);
}

/**
 * Writes the modules of `entry` (path below the root, by name) and all that they import to a folder, except packages that match
 * `outside`: those are found from there.
 */
export async function buildBundle(folder, entry, outside) {
  const { build } = await import('tsdown');
  // Two first uses at once do not see each other's half.
  const part = `${folder}-${process.pid}`;
  await build({
    config: false,
    cwd: join(root, 'apps/cli'),
    entry: Object.fromEntries(Object.entries(entry).map(([file, source]) => [file, join(root, source)])),
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
  copyFileSync(join(root, 'apps/cli/package.json'), join(dirname(folder), 'package.json'));
  try {
    rmSync(folder, { recursive: true, force: true });
    renameSync(part, folder);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(join(folder, `${Object.keys(entry)[0]}.js`))) throw error;
  }
}
