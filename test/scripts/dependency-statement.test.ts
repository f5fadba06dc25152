import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, it, onTestFinished } from 'vitest';

import { dependencyStatement, withDependencyStatement } from '../../scripts/support/dependency-statement.ts';
import { readDependencyTree } from '../../scripts/support/dependency-tree.ts';

/** Writes packages as pnpm lays them out: each beside its own dependencies, found through links. */
function writePackages(manifests: Readonly<Record<string, object>>, links: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'holodeck-tree-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, manifest] of Object.entries(manifests)) {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, 'package.json'), JSON.stringify(manifest));
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(folder, target), join(folder, path), 'dir');
  }
  return folder;
}

it("every README lists its package's dependencies", async () => {
  const script = fileURLToPath(new URL('../../scripts/check-dependencies.ts', import.meta.url));
  await expect(promisify(execFile)(process.execPath, [script])).resolves.toEqual({ stdout: '', stderr: '' });
});

it('follows links, counts each version once, and distinguishes needed from optional', () => {
  const folder = writePackages(
    {
      package: {
        name: '@holodeck/sample',
        version: '1.0.0',
        dependencies: { '@holodeck/core': '1.0.0', left: '1.0.0' },
        peerDependencies: { meter: '^1.0.0' },
      },
      core: { name: '@holodeck/core', version: '1.0.0', dependencies: { leaf: '1.0.0' } },
      'store/leaf1/node_modules/leaf': { name: 'leaf', version: '1.0.0' },
      'store/leaf2/node_modules/leaf': { name: 'leaf', version: '2.0.0' },
      'store/left/node_modules/left': {
        name: 'left',
        version: '1.0.0',
        dependencies: { leaf: '2.0.0' },
        optionalDependencies: { 'left-linux': '1.0.0' },
      },
      'store/meter/node_modules/meter': { name: 'meter', version: '1.2.0' },
    },
    {
      'package/node_modules/@holodeck/core': 'core',
      'package/node_modules/left': 'store/left/node_modules/left',
      'package/node_modules/meter': 'store/meter/node_modules/meter',
      'core/node_modules/leaf': 'store/leaf1/node_modules/leaf',
      'store/left/node_modules/leaf': 'store/leaf2/node_modules/leaf',
    },
  );
  const tree = readDependencyTree(join(folder, 'package'));
  expect(tree.foreign).toEqual(['leaf@1.0.0', 'leaf@2.0.0', 'left@1.0.0']);
  expect(dependencyStatement(tree, '>=22.13')).toBe(`## Dependencies

3 packages in all besides those of this project; Node 22.13 or newer.

| package | brings |
|---|---|
| \`@holodeck/core\` | \`leaf\` |
| \`left\` | \`leaf\`, and builds for the platform |
| \`meter\`, optional | nothing |
`);
});

it('says what is not installed', () => {
  const folder = writePackages({ package: { name: 'sample', version: '1.0.0', dependencies: { absent: '1' } } }, {});
  expect(() => readDependencyTree(join(folder, 'package'))).toThrow(
    /^absent is not installed for .*: run pnpm install\.$/,
  );
});

it('replaces the statement and leaves the rest of the README alone', () => {
  const statement = '## Dependencies\n\nnew\n';
  expect(withDependencyStatement('# A\n\ntext\n', statement)).toBe('# A\n\ntext\n\n## Dependencies\n\nnew\n');
  const middle = '# A\n\n## Dependencies\n\nold\n\n### more\n\n## Options\n\ntext\n';
  expect(withDependencyStatement(middle, statement)).toBe('# A\n\n## Dependencies\n\nnew\n\n## Options\n\ntext\n');
});
