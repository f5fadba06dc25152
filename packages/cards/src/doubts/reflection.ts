import type { ObjectGrid } from './object-grid.ts';

/** A reflection shows this much of what stands above, from least to most. */
const [faintest, strongest] = [0.06, 0.82];
/** How far the mirrored rows agree. */
const leastAgreement = 0.95;
/** A reflection takes at least this share of the height, and all that lies below its line but this share of it. */
const [leastHeight, mostLeft] = [0.1, 0.1];

/**
 * Share of the object's height that may be its reflection: below some line the rows repeat those above upside down, nearer
 * to the ground's colour. 0 = there is no such line.
 */
export function reflectionShare(grid: ObjectGrid): number {
  const { width, height, cover } = grid;
  if (grid.ground === undefined) return 0;
  let [top, bottom] = [height, 0];
  for (let at = 0; at < cover.length; at++) {
    if (cover[at]! <= 0.5) continue;
    const y = Math.floor(at / width);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  const signal = signalOf(grid);
  const tall = bottom - top;
  let [best, share] = [leastAgreement, 0];
  // Cells are mixtures at the line itself, so that the line may lie between rows or within one.
  for (let twice = 2 * Math.ceil(top + tall / 3); twice <= 2 * (bottom - leastHeight * tall); twice++) {
    const agreement = agreementAt(signal, grid, twice, bottom);
    if (agreement <= best) continue;
    [best, share] = [agreement, (bottom - twice / 2) / tall];
  }
  return share;
}

/** How far each cell is from the ground, by channel. */
function signalOf({ colors, ground }: ObjectGrid): Float32Array {
  return colors.map((level, at) => level - ground![at]!);
}

/** How well the rows below a line repeat those above; 0 where they are not fainter. */
function agreementAt(signal: Float32Array, { width, height }: ObjectGrid, twice: number, bottom: number): number {
  const first = Math.ceil(twice / 2);
  const rows = bottom - first;
  if (rows > first || rows < 4) return 0;
  let [agreed, weights, compared] = [0, 0, 0];
  for (let row = 1; row < rows; row++) {
    const below = first + row;
    const above = twice - 1 - below;
    if (above < 0 || below >= height) break;
    let both = 0;
    let upper = 0;
    let lower = 0;
    for (let column = 0; column < width * 3; column++) {
      const over = signal[above * width * 3 + column]!;
      const under = signal[below * width * 3 + column]!;
      both += over * under;
      upper += over * over;
      lower += under * under;
    }
    const gain = both / Math.max(1, upper);
    if (gain > strongest || (row <= rows / 2 && gain < faintest)) return 0;
    const weight = Math.sqrt(upper * lower);
    agreed += both;
    weights += weight;
    compared += 1;
  }
  return compared >= Math.ceil(rows * (1 - mostLeft)) - 1 && weights > 0 ? agreed / weights : 0;
}
