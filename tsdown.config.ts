import { readFileSync, readdirSync } from 'node:fs';

import { defineConfig } from 'tsdown';

/** What the package exports as code and starts as a command, so that no entry point is forgotten. */
const { exports: entryPoints, bin: commands = {} } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, { '@holodeck/source'?: string }>;
  bin?: Record<string, string>;
};

/** Files that a package starts as threads; they are found beside its code. */
const workers = readdirSync('src').filter((name) => name.endsWith('-worker.ts'));

/**
 * Bundles a package's own modules into one file per entry: a hundred small files cost more to load than all they do at
 * import. Dependencies stay imports, dynamic imports stay chunks. Types come from `tsc -b`, which runs before.
 */
export default defineConfig({
  // Run from each package's folder; paths would otherwise count from this file.
  cwd: process.cwd(),
  entry: [
    ...Object.values(entryPoints).flatMap(({ '@holodeck/source': source }) => source ?? []),
    ...Object.values(commands).map((file) => file.replace('./dist/', 'src/').replace('.js', '.ts')),
    ...workers.map((name) => `src/${name}`),
  ],
  format: 'esm',
  platform: 'node',
  target: 'node22.13',
  dts: false,
  // Code of earlier builds only: the types are there already.
  clean: ['dist/**/*.js', 'dist/**/*.js.map'],
  sourcemap: true,
  fixedExtension: false,
  hash: false,
});
