import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));

const source = /\.(ts|tsx|css|js)$/;
const notSource = /\.test\.ts$|(^|\/)(node_modules|dist)\/|^test\//;

/** Code and style files of all packages and apps, without tests, relative to the root and separated by `/`. */
export function sourceFiles(): readonly string[] {
  const packages = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  );
  return packages
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .map((file) => file.replaceAll('\\', '/'))
        .filter((file) => source.test(file) && !notSource.test(file))
        .map((file) => `${folder}/${file}`),
    )
    .sort();
}
