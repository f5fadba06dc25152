/**
 * Starts the command line from one bundle, which is built at the first use and again when sources are newer. Only sharp, which is
 * native, and the emulators, which draw with native code too, stay outside it.
 */
import module from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

await import('./check-node.mjs');
const { buildBundle, isFresh, root } = await import('./support/bundle.mjs');

// Below the command line, because what stays outside the bundle is found from there.
const cache = join(root, 'apps/cli/node_modules/.cache/holodeck');
const bundle = join(cache, 'bundle');
const main = join(bundle, 'main.js');
if (!isFresh(main, import.meta.filename)) {
  console.error('Building the command line, once for these sources ...');
  const entry = {
    main: 'apps/cli/src/main.ts',
    // Threads for cards start from a file of their own.
    'card-worker': 'packages/cards/src/card-worker.ts',
    // Most commands load it. As an entry it has no part in the file of the gateway, which uses it too.
    registry: 'packages/hybrid/src/registry/index.ts',
  };
  await buildBundle(bundle, entry, /^(@holodeck\/emulators|sharp)(\/|$)/);
}
module.enableCompileCache(join(cache, 'compiled'));
await import(pathToFileURL(main).href);
