import type { LetterOutline } from './letter-outlines.ts';

/** Where a text was cut. */
export const ellipsis = '…';

/** The outlines of letters, by letter. */
export type Outlines = ReadonlyMap<string, LetterOutline>;

/**
 * Width of one letter, in multiples of the font's size: its outline's. Without one, Han and the like are squares, and Latin is
 * about half of one.
 */
export function letterWidth(letter: string, outlines: Outlines): number {
  const outline = outlines.get(letter);
  if (outline !== undefined) return outline.width;
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff00-\uffef]/u.test(
    letter,
  )
    ? 1
    : 0.6;
}

/** Letters as a reader counts them: with their accents and joiners. */
export function lettersOf(value: string): readonly string[] {
  return Array.from(new Intl.Segmenter().segment(value), ({ segment }) => segment);
}

/** As much of a text as fits into so many multiples of the font's size, whole letters only. */
export function fitText(value: string, width: number, outlines: Outlines = new Map()): string {
  const letters = lettersOf(value);
  const widths = letters.map((letter) => letterWidth(letter, outlines));
  if (widths.reduce((sum, one) => sum + one, 0) <= width) return value;
  let [kept, used] = ['', letterWidth(ellipsis, outlines)];
  for (const [index, letter] of letters.entries()) {
    used += widths[index]!;
    if (used > width) break;
    kept += letter;
  }
  return kept.trimEnd() + ellipsis;
}

/**
 * A text in composed letters, without what XML 1.0 forbids (section 2.2: control characters, halves of surrogate pairs) and what
 * turns the direction of the line.
 */
export function plainText(value: string): string {
  return value.normalize('NFC').replaceAll(/[\p{Cc}\p{Cs}\u{202a}-\u{202e}\u{2066}-\u{2069}\ufffe\uffff]/gu, ' ');
}

/** Text that stays text in an XML document: plain, and its markup escaped. */
export function xmlText(value: string): string {
  return plainText(value).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
