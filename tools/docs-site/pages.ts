import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** A page of the site. */
export interface Page {
  /** In the repository: `docs/guides/recipes.zh-CN.md`. */
  readonly file: string;
  /** On the site: `zh/guides/recipes.md`. */
  readonly path: string;
}

const chinese = /\.zh-CN\.md$/;

/** Pages that say everything in both languages are on both sides of the site. */
export const bilingual: readonly string[] = ['docs/commands.md', 'docs/errors.md', 'docs/variables.md'];

/** What a heading is called in a link, as GitHub has it: links hold there and on the site. */
export function anchorOf(heading: string): string {
  return heading
    .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .trim()
    .toLowerCase()
    .replaceAll(/\s/g, '-');
}

/** The Chinese twin of a file, if there is one. */
export function twinOf(file: string): string | undefined {
  const twin = file.replace(/\.md$/, '.zh-CN.md');
  return existsSync(join(root, twin)) ? twin : undefined;
}

/** Every file of the repository that the site shows. */
export function readPages(): readonly Page[] {
  const inFolder = (folder: string): readonly string[] =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => posix.join(folder, name));
  const packages = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).flatMap((name) => inFolder(`${group}/${name}`)),
  );
  const files = [
    ...['', 'docs', 'docs/guides', 'docs/decisions', 'examples'].flatMap(inFolder),
    ...packages.filter((file) => !file.endsWith('CHANGELOG.md')),
  ];
  return files.flatMap((file) => {
    const path = pathOf(file);
    return bilingual.includes(file)
      ? [
          { file, path },
          { file, path: `zh/${path}` },
        ]
      : [{ file, path }];
  });
}

function pathOf(file: string): string {
  const english = file.replace(chinese, '.md');
  const path =
    english === 'README.md'
      ? 'index.md'
      : english === 'docs/README.md'
        ? 'overview.md'
        : english
            .replace(/^docs\//, '')
            .replace(/\/README\.md$/, '.md')
            .toLowerCase();
  return chinese.test(file) ? `zh/${path}` : path;
}

/**
 * The text of a page as the site shows it: links between files become links between pages. The site has no page for a source file, so its
 * link becomes a link to the repository, or plain text while the repository has no address. A link to nothing stays: the build refuses it.
 */
export function pageText({ file, path }: Page, pages: readonly Page[], repository: string | undefined): string {
  const isChinese = path.startsWith('zh/');
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^<!--.*?-->\n/gms, '');
  // Code is not touched.
  return text
    .split(/(^```.*?^```$)/ms)
    .map((part) =>
      part.startsWith('```') ? part : part.replaceAll(/(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, link),
    )
    .join('');

  function link(whole: string, image: string, words: string, target: string): string {
    if (/^(?:[a-z]+:|#)/.test(target)) return whole;
    const [name = '', hash] = target.split('#');
    const there = posix.normalize(posix.join(posix.dirname(file), name)).replace(/\/$/, '');
    if (image !== '') return `![${words}](/${there})`;
    const found = pages.filter((page) => page.file === there);
    const page = found.find((each) => each.path.startsWith('zh/') === isChinese) ?? found[0];
    if (page !== undefined) return `[${words}](/${page.path}${hash === undefined ? '' : `#${hash}`})`;
    if (!existsSync(join(root, there))) return whole;
    return repository === undefined ? words : `[${words}](${repository}/blob/main/${there})`;
  }
}

/** Pictures that pages show, relative to the root. */
export function picturesOf(pages: readonly Page[]): readonly string[] {
  const found = pages.flatMap(({ file }) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(/!\[[^\]]*\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = '']) =>
      relative(root, join(root, dirname(file), target)).replaceAll('\\', '/'),
    );
  });
  return [...new Set(found)];
}
