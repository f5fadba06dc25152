/** What a registry shows of a package. The address of the repository is the owner's to decide: it stands in the root's package.json alone. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { expect, it } from 'vitest';

import { publicPackages, root } from '../packages/support/public-packages.ts';

interface Metadata {
  readonly version: string;
  readonly description?: string;
  readonly repository?: { readonly type: string; readonly url: string; readonly directory?: string };
  readonly homepage?: string;
  readonly bugs?: string;
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));
const metadataOf = (folder: string): Metadata => read(join(relative(root, folder), 'package.json')) as Metadata;
const owner = read('package.json') as Metadata;

it.each(publicPackages.map(({ name, folder }) => [name, folder] as const))('%s says what it is', (name, folder) => {
  const metadata = metadataOf(folder);
  expect(metadata).toMatchObject({
    name,
    description: expect.stringMatching(/.{20}/),
    keywords: expect.arrayContaining(['image-generation']),
    license: 'MIT',
    author: 'holodeck-image contributors',
    files: expect.arrayContaining(['dist', 'src', 'CHANGELOG.md', 'README.md']),
    type: 'module',
    sideEffects: false,
    publishConfig: { access: 'public' },
    engines: { node: '>=22.13' },
  });
  const { repository } = owner;
  const directory = relative(root, folder).replaceAll('\\', '/');
  expect(metadata.repository).toEqual(repository && { ...repository, directory });
  expect([metadata.homepage, metadata.bugs]).toEqual([owner.homepage, owner.bugs]);
  expect(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8')).toContain(`\n## ${metadata.version}\n`);
});

it('all public packages are released together, with one version', () => {
  const { fixed } = read('.changeset/config.json') as { readonly fixed: readonly (readonly string[])[] };
  expect(fixed).toEqual([publicPackages.map(({ name }) => name).toSorted()]);
  expect(new Set(publicPackages.map(({ manifest }) => manifest.version)).size).toBe(1);
});
