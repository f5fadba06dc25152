const ellipsis = '…';

/** Width of one letter, in multiples of the font's size: Han and the like are squares, Latin is about half of one. */
function widthOf(letter: string): number {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff00-\uffef]/u.test(
    letter,
  )
    ? 1
    : 0.6;
}

/** As much of a text as fits into so many multiples of the font's size, whole letters only. */
export function fitText(value: string, width: number): string {
  const letters = Array.from(new Intl.Segmenter().segment(value), ({ segment }) => segment);
  const widths = letters.map(widthOf);
  if (widths.reduce((sum, one) => sum + one, 0) <= width) return value;
  let [kept, used] = ['', widthOf(ellipsis)];
  for (const [index, letter] of letters.entries()) {
    used += widths[index]!;
    if (used > width) break;
    kept += letter;
  }
  return kept.trimEnd() + ellipsis;
}

/**
 * Text that stays text in an XML document: markup is escaped, and what XML 1.0 forbids (section 2.2: control characters,
 * halves of surrogate pairs) or what turns the direction of the line is left out.
 */
export function xmlText(value: string): string {
  return value
    .replaceAll(/[\p{Cc}\p{Cs}\u{202a}-\u{202e}\u{2066}-\u{2069}\ufffe\uffff]/gu, ' ')
    .replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
