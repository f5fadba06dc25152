/**
 * Checks that each public package's README lists its dependencies. `--write` corrects the lists.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { dependencyStatement, withDependencyStatement } from './support/dependency-statement.ts';
import { readDependencyTree } from './support/dependency-tree.ts';
import { root } from './support/run-command.ts';

const write = process.argv.includes('--write');
const wrong: string[] = [];
for (const folder of ['packages', 'apps'].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => join(group, name)),
)) {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    readonly private?: boolean;
    readonly engines: { readonly node: string };
  };
  if (manifest.private === true) continue;
  const file = join(root, folder, 'README.md');
  const readme = readFileSync(file, 'utf8');
  const statement = dependencyStatement(readDependencyTree(join(root, folder)), manifest.engines.node);
  const right = withDependencyStatement(readme, statement);
  if (right === readme) continue;
  if (write) writeFileSync(file, right);
  else wrong.push(`${folder}/README.md should say:\n\n${statement}`);
}
if (wrong.length > 0) {
  console.error(`${wrong.join('\n')}\nRun: node scripts/check-dependencies.ts --write`);
  process.exitCode = 1;
}
