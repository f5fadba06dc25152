/** Links between the files of the repository, and the navigation of the site, without building it. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { expect, it } from 'vitest';

import { navigation } from '../../tools/docs-site/navigation.ts';
import { anchorOf, pageText, readPages, root } from '../../tools/docs-site/pages.ts';

const pages = readPages();
const files = [...new Set(pages.map(({ file }) => file))];
const withoutCode = (text: string): string =>
  text.replaceAll(/^ *```.*?^ *```$/gms, '').replaceAll(/`[^`\n]+`/g, (code) => code.replaceAll(/[[\]()]/g, ''));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** What the headings of a file are called in a link. */
function anchorsOf(file: string): readonly string[] {
  return [...withoutCode(read(file)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

/** A link that leads to no file, or to no heading in it. */
function brokenLinks(file: string, text: string): readonly string[] {
  return [...text.matchAll(/\]\((?![a-z]+:)([^)\s]*)\)/g)].flatMap(([, target = '']) => {
    const [name = '', hash] = target.split('#');
    const there = name === '' ? join(root, file) : resolve(root, dirname(file), name);
    if (!existsSync(there)) return `${file}: ${target}`;
    const missing = hash !== undefined && !anchorsOf(relative(root, there)).includes(decodeURIComponent(hash));
    return missing ? `${file}: ${target}` : [];
  });
}

it('every link between files leads to a file, and to a heading that it has', () => {
  expect(files.flatMap((file) => brokenLinks(file, withoutCode(read(file))))).toEqual([]);
  const wrong = 'See [a](guides/none.md), [b](README.md#none) and [c](README.md).';
  expect(brokenLinks('docs/README.md', wrong)).toEqual([
    'docs/README.md: guides/none.md',
    'docs/README.md: README.md#none',
  ]);
});

it('the site shows every page that exists in its navigation, once', () => {
  const listed = navigation.flatMap((section) => section.pages);
  expect(listed.filter((file) => !files.includes(file))).toEqual([]);
  expect(new Set(listed).size).toBe(listed.length);
  const english = files.filter((file) => !file.endsWith('.zh-CN.md'));
  const left = english.filter((file) => !listed.includes(file) && !file.startsWith('docs/decisions/'));
  expect(left).toEqual(['apps/demo/README.md']);
});

it('a Chinese page of the site links to Chinese pages, and a source file to nothing while the repository has no address', () => {
  const page = pages.find(({ path }) => path === 'zh/index.md') ?? expect.unreachable();
  const text = pageText(page, pages, undefined);
  expect(text).toContain('](/zh/guides/recipes.md)');
  expect(text).toContain('](/zh/variables.md)');
  expect(text).not.toMatch(/\]\((?!https?:|\/)/);
  expect(pageText(page, pages, 'https://example.org/r')).toContain('](https://example.org/r/blob/main/test)');
});
