import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

import { expect, it } from 'vitest';

import { root } from '../../scripts/support/source-files.ts';

const packages = readdirSync(join(root, 'packages'));
const twins = ['', 'docs', join('docs', 'guides'), ...packages.map((name) => join('packages', name))].flatMap(
  (folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.zh-CN.md'))
      .map((name) => join(folder, name)),
);
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const englishOf = (twin: string): string => twin.replace('.zh-CN.md', '.md');

/** The fenced blocks, each with the words after its fence. */
function blocksOf(text: string): readonly string[] {
  return [...text.matchAll(/^ *```\w.*?^ *```$/gms)].map(([block]) => block);
}

it('the index and every package have a Chinese twin', () => {
  expect(twins).toEqual(
    expect.arrayContaining(
      ['docs', ...packages.map((name) => join('packages', name))].map((folder) => join(folder, 'README.zh-CN.md')),
    ),
  );
});

it.each(twins)('%s is in Chinese, and the two languages link to each other', (twin) => {
  const text = read(twin);
  const english = englishOf(twin);
  expect(text.match(/\p{Script=Han}/gu)?.length ?? 0).toBeGreaterThan(100);
  expect(text).toContain(`(${basename(english)})`);
  expect(read(english)).toContain(`(${basename(twin)})`);
});

it.each(twins)('the code of %s is code of the English page, which is run, in the same order', (twin) => {
  const remaining = [...blocksOf(read(englishOf(twin)))];
  const blocks = blocksOf(read(twin));
  if (remaining.length > 0) expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) {
    const place = remaining.indexOf(block);
    expect(place, block).toBeGreaterThanOrEqual(0);
    remaining.splice(0, place + 1);
  }
});
