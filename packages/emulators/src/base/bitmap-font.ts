/** A 5 x 7 bitmap font with just the letters of the labels. */
const glyphs: Readonly<Record<string, readonly string[]>> = {
  A: ['.###.', '#...#', '#...#', '#####', '#...#', '#...#', '#...#'],
  D: ['####.', '#...#', '#...#', '#...#', '#...#', '#...#', '####.'],
  E: ['#####', '#....', '#....', '####.', '#....', '#....', '#####'],
  G: ['.###.', '#...#', '#....', '#.###', '#...#', '#...#', '.###.'],
  I: ['.###.', '..#..', '..#..', '..#..', '..#..', '..#..', '.###.'],
  L: ['#....', '#....', '#....', '#....', '#....', '#....', '#####'],
  M: ['#...#', '##.##', '#.#.#', '#.#.#', '#...#', '#...#', '#...#'],
  N: ['#...#', '##..#', '#.#.#', '#.#.#', '#..##', '#...#', '#...#'],
  O: ['.###.', '#...#', '#...#', '#...#', '#...#', '#...#', '.###.'],
  R: ['####.', '#...#', '#...#', '####.', '#.#..', '#..#.', '#...#'],
  T: ['#####', '..#..', '..#..', '..#..', '..#..', '..#..', '..#..'],
  U: ['#...#', '#...#', '#...#', '#...#', '#...#', '#...#', '.###.'],
};

/** A horizontal run of pixels of one row, from `start` up to, not including, `end`. */
export interface Run {
  readonly start: number;
  readonly end: number;
}

export const glyphHeight = 7;

/** Width of a text in font pixels. */
export function textWidth(text: string): number {
  return text.length * 6 - 1;
}

/** The runs of a text's row (0 to 6), in font pixels; letters that the font lacks are blank. */
export function textRuns(text: string, row: number): Run[] {
  const runs: Run[] = [];
  for (const [index, letter] of text.split('').entries()) {
    const line = glyphs[letter]?.[row] ?? '.....';
    for (const match of line.matchAll(/#+/g)) {
      const start = index * 6 + match.index;
      runs.push({ start, end: start + match[0].length });
    }
  }
  return runs;
}
