import { outlineUnits } from './letter-outlines.ts';
import type { Outlines } from './sheet-text.ts';
import { fitText, letterWidth, lettersOf, plainText, xmlText } from './sheet-text.ts';

/** Where a line of text lies, in pixels. */
export interface SheetLine {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  /** Of the font. */
  readonly size: number;
  /** Default: that of the drawing. */
  readonly color?: string;
}

/** The outlines as symbols that the lines of one drawing refer to. */
export function outlineSymbols(outlines: Outlines): string {
  return Array.from(outlines, ([letter, { path }]) => `<path id="${symbolOf(letter)}" d="${path}"/>`).join('');
}

/**
 * One line of text in a box of its own: nothing of it shows outside. What is too long ends in an ellipsis. Letters without an
 * outline are left to the fonts of the machine, in runs, because some of them join.
 */
export function drawLine(value: string, { left, top, width, size, color }: SheetLine, outlines: Outlines): string {
  const parts: string[] = [];
  let [at, run, runAt] = [0, '', 0];
  const endRun = (): void => {
    if (run.trim() !== '')
      parts.push(`<text x="${runAt}" font-size="${outlineUnits}" xml:lang="zh-Hans">${xmlText(run)}</text>`);
    run = '';
  };
  for (const letter of lettersOf(fitText(plainText(value), width / size, outlines))) {
    if (outlines.has(letter)) {
      endRun();
      parts.push(`<use href="#${symbolOf(letter)}" x="${at}"/>`);
    } else {
      if (run === '') runAt = at;
      run += letter;
    }
    at += Math.round(letterWidth(letter, outlines) * outlineUnits);
  }
  endRun();
  const fill = color === undefined ? '' : ` fill="${color}"`;
  return `<svg x="${left}" y="${top}" width="${width}" height="${Math.ceil(size * 1.4)}" overflow="hidden"><g transform="translate(0 ${size}) scale(${size / outlineUnits})"${fill}>${parts.join('')}</g></svg>`;
}

function symbolOf(letter: string): string {
  return `letter-${letter.codePointAt(0)!.toString(16)}`;
}
