import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, it } from 'vitest';

import { root, sourceFiles } from '../../scripts/support/source-files.ts';

const files = sourceFiles();
const textOf = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

it('no folder has more than 25 source files', () => {
  const folders = Object.entries(Object.groupBy(files, dirname));
  const full = folders.filter(([, inside = []]) => inside.length > 25).map(([folder]) => folder);
  expect(full).toEqual([]);
});

it('no source file has more than 400 lines', () => {
  const long = files.filter((file) => (textOf.get(file) ?? '').trimEnd().split('\n').length > 400);
  expect(long).toEqual([]);
});

it('there is no import cycle, except of types', () => {
  const imports = new Map(files.map((file) => [file, importsOf(file)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
    if (done.has(file)) return;
    done.add(file);
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
  // Proves that the walker works: most files import others.
  expect([...imports.values()].filter((all) => all.length > 0).length).toBeGreaterThan(files.length / 2);
});

/** Files that are loaded before this one runs: imports of types are erased, and `import()` waits until it is called. */
function importsOf(file: string): readonly string[] {
  const statements = (textOf.get(file) ?? '').matchAll(
    /^(?:import|export)\s(?!type\b)(?:[^'";]*?\bfrom\s*)?'(\.[^']+)'/gm,
  );
  return [...statements]
    .map(([, specifier = '']) => join(dirname(file), specifier).replaceAll('\\', '/'))
    .filter((imported) => existsSync(join(root, imported)));
}
