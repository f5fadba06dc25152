import stringWidth from 'fast-string-width';

/** Created at the first use, because that loads much data. */
let segmenter: Intl.Segmenter | undefined;

/** Letters as people count them. Each character of plain English is one, and needs no segmenter. */
function graphemes(text: string): Iterable<{ readonly segment: string }> {
  if (/^[ -~]*$/.test(text)) return Array.from(text, (segment) => ({ segment }));
  return (segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })).segment(text);
}

/** Characters that do not begin a line. */
const closing = /^[，。；：、！？）”’》…,.;:!?)]/u;

/** Breaks a text into lines of at most `columns`: between words, and between wide (East Asian) characters. */
export function wrapText(text: string, columns: number): string {
  return text
    .split(/\r?\n/)
    .map((line) => wrapLine(line, columns))
    .join('\n');
}

function wrapLine(line: string, columns: number): string {
  const lines: string[] = [];
  let current = '';
  let width = 0;
  for (const piece of piecesOf(line)) {
    const room = stringWidth(piece);
    if (width > 0 && width + stringWidth(piece.trimEnd()) > columns) {
      lines.push(current.trimEnd());
      current = '';
      width = 0;
    }
    current += piece;
    width += room;
  }
  return [...lines, current.trimEnd()].join('\n');
}

/** What may not be broken: words with the blanks after them, single wide characters with the marks after them. */
function* piecesOf(line: string): Generator<string> {
  let piece = '';
  let endsWord = false;
  for (const { segment } of graphemes(line)) {
    const isWide = stringWidth(segment) > 1;
    const isBlank = segment.trim() === '';
    const isMark = closing.test(segment);
    // After a blank, a mark begins a word, such as ./file or .png.
    const isHeld = isMark && piece.trimEnd() === piece;
    if (piece.trim() !== '' && !isBlank && !isHeld && (endsWord || isWide)) {
      yield piece;
      piece = '';
    }
    piece += segment;
    endsWord = isWide || isBlank || (isHeld && endsWord);
  }
  if (piece !== '') yield piece;
}

/** Cuts a text so that it takes at most `columns`, wide characters counted as two. */
export function cutText(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  // Not the single character: terminals set to Chinese may draw it two columns wide.
  const mark = '.'.repeat(Math.max(0, Math.min(3, columns)));
  let width = 0;
  let result = '';
  for (const { segment } of graphemes(text)) {
    width += stringWidth(segment);
    if (width > columns - mark.length) break;
    result += segment;
  }
  return result + mark;
}

/** Fills a text with blanks to `columns`, wide characters counted as two. */
export function padText(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)));
}
