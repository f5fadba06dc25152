import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { expect, it } from 'vitest';

import { root, sourceFiles } from '../../scripts/support/source-files.ts';

const map = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
const links = [...map.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, name = '', target = '']) => ({ name, target }));

it('docs/architecture.md names files that exist, by their names', () => {
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter(({ target }) => !existsSync(join(root, 'docs', target)))).toEqual([]);
  const renamed = links.filter(({ name, target }) => name.endsWith('.ts') && name !== basename(target));
  expect(renamed).toEqual([]);
});

it('docs/architecture.md draws every package and every app', () => {
  const drawing = /```mermaid\n(.*?)```/s.exec(map)?.[1] ?? '';
  const drawn = [...drawing.matchAll(/\["((?:packages|apps)\/[\w-]+)/g)].map(([, folder = '']) => folder);
  const folders = new Set(sourceFiles().map((file) => file.split('/', 2).join('/')));
  expect(drawn.toSorted()).toEqual([...folders].toSorted());
});
