import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));

const source = /\.(ts|tsx|css|js)$/;
const notSource = /\.test\.ts$|(^|\/)(node_modules|dist)\/|^test\//;

/** Files of code and style that are not tests, of all packages and apps, relative to the root and with `/` between. */
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
