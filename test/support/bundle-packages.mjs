/** Bundles all packages, unless their bundle is newer than the sources: `core.js`, `core-stores.js` and so on, with what they share. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { buildBundle, isFresh, root } from '../../scripts/support/bundle.mjs';

// As for a user without the optional packages for fonts, which are not found from here.
const bundle = join(root, 'node_modules/.cache/holodeck/packages');

if (!isFresh(join(bundle, 'core.js'), import.meta.filename)) {
  const folders = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'apps/cli'];
  const entry = folders.flatMap((folder) => {
    const { name, exports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    return Object.entries(exports).flatMap(([path, { '@holodeck/source': source }]) =>
      source === undefined
        ? []
        : [[`${name}${path.slice(1)}`.slice('@holodeck/'.length).replaceAll('/', '-'), join(folder, source)]],
    );
  });
  // Threads for cards start from a file of their own.
  const worker = ['card-worker', 'packages/cards/src/card-worker.ts'];
  await buildBundle(bundle, Object.fromEntries([...entry, worker]), /^(sharp|vitest)(\/|$)/);
}
