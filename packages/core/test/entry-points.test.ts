import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Names that an entry point exports, types included. */
function namesOf(entry: string): readonly string[] {
  const text = readFileSync(fileURLToPath(new URL(`../src/${entry}`, import.meta.url)), 'utf8');
  expect(text).not.toContain('export *');
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
    names.split(',').flatMap((name) => name.trim() || []),
  );
}

test('the main entry stays small enough to read', () => {
  const { length } = namesOf('index.ts');
  expect(length).toBeGreaterThan(20);
  expect(length).toBeLessThanOrEqual(45);
});

test('no name is exported by two entries', () => {
  const all = ['index.ts', 'backend.ts', 'labels/index.ts', 'stores/index.ts', 'telemetry/index.ts'].flatMap(namesOf);
  expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
});
