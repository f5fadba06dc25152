/** `node scripts/count-lines.ts`: the lines of each package and app without its tests: all of them, and those with code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root, sourceFiles } from './support/source-files.ts';

const packages = Object.groupBy(sourceFiles(), (file) => file.split('/').slice(0, 2).join('/'));
const rows = Object.entries(packages).map(([name, files = []]) => {
  const texts = files.map((file) => readFileSync(join(root, file), 'utf8'));
  const lines = texts.flatMap((text) => text.trimEnd().split('\n'));
  return { package: name, files: files.length, lines: lines.length, code: lines.filter(holdsCode).length };
});
const sum = (count: (row: (typeof rows)[number]) => number): number => rows.reduce((all, row) => all + count(row), 0);
console.table([
  ...rows,
  { package: 'all', files: sum((row) => row.files), lines: sum((row) => row.lines), code: sum((row) => row.code) },
]);

/** Comments have their own lines in this repository. */
function holdsCode(line: string): boolean {
  return !/^\s*(\/\/|\/?\*|$)/.test(line);
}
