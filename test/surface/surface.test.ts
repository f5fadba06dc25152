import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

import { expect, it } from 'vitest';

import { readSurface } from '../../tools/api-reference/read-surface.ts';
import { publicPackages } from '../packages/support/public-packages.ts';

/** One text for each package; after an intended change, `vitest run test/surface -u` writes them again. */
const frozen = join(import.meta.dirname, 'frozen');

it.each(publicPackages)(
  '$name exports the names and signatures of its frozen surface',
  async ({ folder, manifest }) => {
    const sections = Object.entries(manifest.exports).flatMap(([path, target]) => {
      const source = (target as { readonly '@holodeck/source'?: string })['@holodeck/source'];
      return source === undefined ? [] : [`# ${path}\n\n${readSurface(join(folder, source))}`];
    });
    await expect(sections.join('\n')).toMatchFileSnapshot(join(frozen, `${basename(folder)}.txt`));
  },
);

it('every frozen surface belongs to an existing package', () => {
  const packages = publicPackages.map(({ folder }) => `${basename(folder)}.txt`);
  expect(readdirSync(frozen).filter((file) => !packages.includes(file))).toEqual([]);
});
