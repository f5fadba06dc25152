import { globSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));

const source = /\.(ts|tsx|css|js)$/;
const notSource = /\.test\.ts$|^test\//;

/** Code and style files of all packages and apps, without tests, relative to the root and separated by `/`. */
export function sourceFiles(): readonly string[] {
  const packages = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  );
  return packages
    .flatMap((folder) =>
      // Not into node_modules: it is a hundred times larger.
      globSync('**/*', { cwd: join(root, folder), exclude: (name) => /^(node_modules|dist)$/.test(basename(name)) })
        .map((file) => file.replaceAll('\\', '/'))
        .filter((file) => source.test(file) && !notSource.test(file))
        .map((file) => `${folder}/${file}`),
    )
    .sort();
}
