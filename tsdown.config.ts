import { existsSync } from 'node:fs';

import { defineConfig } from 'tsdown';

/**
 * Bundles a package's own modules into one file per entry: a hundred small files cost more to load than all they do at
 * import. Dependencies stay imports, dynamic imports stay chunks. Types come from `tsc -b`, which runs before.
 */
export default defineConfig({
  // Run from each package's folder; paths would otherwise count from this file.
  cwd: process.cwd(),
  entry: ['src/index.ts', 'src/stores/store-kit.ts'].filter((path) => existsSync(path)),
  format: 'esm',
  platform: 'node',
  target: 'node22.13',
  dts: false,
  clean: false,
  sourcemap: true,
  fixedExtension: false,
  hash: false,
});
