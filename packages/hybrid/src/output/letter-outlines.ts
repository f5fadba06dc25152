import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { plainText } from './sheet-text.ts';

/** Outlines are drawn in so many units of the font's size. */
export const outlineUnits = 1000;

/** A letter as it is drawn. */
export interface LetterOutline {
  /** Path data of SVG, in `outlineUnits`; the base line is at 0. */
  readonly path: string;
  /** In multiples of the font's size. */
  readonly width: number;
}

/** A step of an outline: a move, a line, or a curve with one or two control points. */
interface PathCommand {
  readonly type: 'M' | 'L' | 'Q' | 'C' | 'Z';
  readonly x?: number;
  readonly y?: number;
  readonly x1?: number;
  readonly y1?: number;
  readonly x2?: number;
  readonly y2?: number;
}

/** What is used of opentype.js. */
interface Font {
  readonly unitsPerEm: number;
  readonly variation: { set(axes: Readonly<Record<string, number>>): void };
  charToGlyph(letter: string): { readonly index: number; readonly advanceWidth: number };
  getPath(letter: string, x: number, y: number, size: number): { readonly commands: readonly PathCommand[] };
}

/** Their files hold a hundred letters or so each; `unicode.json` says which. Latin, Greek and Cyrillic are in the first one. */
const fontPackages = ['@fontsource-variable/noto-sans-sc', '@fontsource-variable/noto-sans-kr'] as const;
const weight = 400;

/** Letters of other pictures are forgotten when more than these are known: some 5 MB. */
const mostKnown = 5000;

/** Owner: the process. Lifetime: its own; emptied when it is full. A font never changes. Null: no font has the letter. */
const known = new Map<string, LetterOutline | null>();

/**
 * The outlines of the letters of some texts, from fonts of npm packages, so that a text looks the same on every machine. Han,
 * kana, Hangul, Latin, Greek and Cyrillic letters have one; emoji and scripts whose letters join have none. Empty without the
 * packages, which are optional.
 */
export async function letterOutlines(texts: readonly string[]): Promise<ReadonlyMap<string, LetterOutline>> {
  if (known.size > mostKnown) known.clear();
  const outlines = new Map<string, LetterOutline>();
  let missing = new Set<string>();
  for (const letter of texts.flatMap((text) => Array.from(plainText(text)))) {
    const outline = known.get(letter);
    if (outline === undefined) missing.add(letter);
    else if (outline !== null) outlines.set(letter, outline);
  }
  for (const name of missing.size === 0 ? [] : fontPackages) {
    // A package that is absent or damaged costs nothing but its letters.
    for (const [letter, outline] of await readOutlines(name, missing).catch(() => [])) {
      known.set(letter, outline);
      outlines.set(letter, outline);
    }
    missing = new Set([...missing].filter((letter) => !outlines.has(letter)));
  }
  for (const letter of missing) known.set(letter, null);
  return outlines;
}

async function readOutlines(
  name: string,
  letters: ReadonlySet<string>,
): Promise<readonly (readonly [letter: string, outline: LetterOutline])[]> {
  const require = createRequire(import.meta.url);
  const { parse } = require('opentype.js') as { parse(bytes: ArrayBuffer): Font };
  const { decompress } = require('wawoff2') as { decompress(bytes: Uint8Array): Promise<Uint8Array> };
  const ranges = require(`${name}/unicode.json`) as Readonly<Record<string, string>>;
  const found = new Map<string, LetterOutline>();
  for (const [part, range] of Object.entries(ranges)) {
    const spans = spansOf(range);
    const here = [...letters].filter((letter) => {
      const codePoint = letter.codePointAt(0)!;
      return !found.has(letter) && spans.some(([from, to]) => codePoint >= from && codePoint <= to);
    });
    if (here.length === 0) continue;
    const file = `${name}/files/${name.split('/')[1]}-${part.replaceAll(/[[\]]/g, '')}-wght-normal.woff2`;
    const font = parse(Uint8Array.from(await decompress(await readFile(require.resolve(file)))).buffer);
    font.variation.set({ wght: weight });
    for (const letter of here) {
      const { index, advanceWidth } = font.charToGlyph(letter);
      // Glyph 0 is the box for letters that a font does not have.
      if (index === 0) continue;
      const path = pathData(font.getPath(letter, 0, 0, outlineUnits).commands);
      found.set(letter, { path, width: advanceWidth / font.unitsPerEm });
    }
  }
  return [...found];
}

/** Path data of SVG. `toPathData` of opentype.js 2.0 runs two numbers together where one of them is rounded to -0. */
function pathData(commands: readonly PathCommand[]): string {
  return commands
    .map(({ type, x1, y1, x2, y2, x, y }) => {
      const numbers = [x1, y1, x2, y2, x, y].filter((one) => one !== undefined);
      return `${type}${numbers.map((one) => Math.round(one)).join(' ')}`;
    })
    .join('');
}

/** `U+4e00-4e0f,U+5b57`, as in the `unicode-range` of CSS, in numbers. */
function spansOf(range: string): readonly (readonly [from: number, to: number])[] {
  return range.split(',').map((part) => {
    const [from, to] = part
      .slice(2)
      .split('-')
      .map((end) => Number.parseInt(end, 16));
    return [from!, to ?? from!];
  });
}
