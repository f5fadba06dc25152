import { sumBlocks } from '../block-sums.ts';
import type { SurfacePoints } from './fit-surface.ts';
import { offSurface, surfacePoints } from './fit-surface.ts';
import type { Picture, Raster } from '../picture.ts';

/** A picture as a grid of square cells with their mean colours; a point for each cell. */
export interface GroundCells extends SurfacePoints {
  /** Side of a cell in pixels. */
  readonly size: number;
  readonly columns: number;
  readonly rows: number;
}

/** About this many cells a side. */
const gridSide = 128;
/** Levels that a cell may be off the border's slope while the ground is being followed. */
const insideTolerance = 26;
/** Levels by which a cell and its eight neighbours may differ where there is no edge. */
const stepTolerance = 6;

export function averageCells(picture: Picture): GroundCells {
  const { width, height } = picture;
  const size = Math.max(1, Math.round(Math.max(width, height) / gridSide));
  const columns = Math.max(1, Math.floor(width / size));
  const rows = Math.max(1, Math.floor(height / size));
  const points = surfacePoints(columns * rows);
  const blocks = sumBlocks(picture, size);
  for (let row = 0; row < rows; row++) {
    const first = row * columns;
    averageRow(blocks.sums, row * blocks.columns * 4, size * size, points.colors, first, columns);
    points.y.fill(((row + 0.5) * size * 2) / height - 1, first, first + columns);
    for (let column = 0; column < columns; column++) points.x[first + column] = ((column + 0.5) * size * 2) / width - 1;
  }
  return { ...points, count: columns * rows, size, columns, rows };
}

function averageRow(
  sums: Uint16Array,
  source: number,
  pixels: number,
  colors: Float64Array,
  first: number,
  columns: number,
): void {
  for (let to = first * 3; to < (first + columns) * 3; to += 3, source += 4) {
    colors[to] = sums[source]! / pixels;
    colors[to + 1] = sums[source + 1]! / pixels;
    colors[to + 2] = sums[source + 2]! / pixels;
  }
}

/** The cells that are connected with the border without crossing an edge, and not far from its slope. */
export function followGround(cells: GroundCells, slope: Float64Array): readonly number[] {
  const { columns, rows, count } = cells;
  const seen = new Uint8Array(count);
  const found: number[] = [];
  const visit = (cell: number): void => {
    if (seen[cell] !== 0) return;
    seen[cell] = 1;
    if (offSurface(slope, cells, cell) <= insideTolerance && isWithoutEdge(cells, cell)) found.push(cell);
  };
  for (let column = 0; column < columns; column++) {
    visit(column);
    visit(count - 1 - column);
  }
  for (let row = 0; row < rows; row++) {
    visit(row * columns);
    visit(row * columns + columns - 1);
  }
  for (let head = 0; head < found.length; head++) {
    const cell = found[head]!;
    const column = cell % columns;
    if (column > 0) visit(cell - 1);
    if (column < columns - 1) visit(cell + 1);
    if (cell >= columns) visit(cell - columns);
    if (cell + columns < count) visit(cell + columns);
  }
  return found;
}

/**
 * Root mean square of the deviations of pixels from their cells' means, the largest of the three channels.
 *
 * @param factor Pixels of the raster across and down for one pixel of the picture that the cells are of.
 */
export function grainWithin(
  { width, height, pixels }: Raster,
  cells: GroundCells,
  inside: readonly number[],
  factor: number,
): number {
  const { columns, colors } = cells;
  const size = cells.size * factor;
  if (size < 2) return 0;
  const sums = { reds: 0, greens: 0, blues: 0, count: 0 };
  // A sample of some hundred cells is enough.
  const stride = Math.max(1, Math.floor(inside.length / 600));
  for (let index = 0; index < inside.length; index += stride) {
    const cell = inside[index]!;
    const top = Math.floor(cell / columns) * size;
    const left = (cell % columns) * size;
    const bottom = Math.min(height, top + size);
    const right = Math.min(width, left + size);
    for (let y = top; y < bottom; y++) addDeviations(pixels, y * width + left, y * width + right, colors, cell, sums);
  }
  const { reds, greens, blues, count } = sums;
  return count === 0 ? 0 : Math.sqrt(Math.max(reds, greens, blues) / (count * (1 - 1 / (size * size))));
}

/** Adds the squares of the deviations of a cell's pixels in one row. */
function addDeviations(
  pixels: Uint8Array,
  start: number,
  end: number,
  colors: Float64Array,
  cell: number,
  to: { reds: number; greens: number; blues: number; count: number },
): void {
  const red = colors[cell * 3]!;
  const green = colors[cell * 3 + 1]!;
  const blue = colors[cell * 3 + 2]!;
  for (let at = start * 4; at < end * 4; at += 4) {
    to.reds += (pixels[at]! - red) ** 2;
    to.greens += (pixels[at + 1]! - green) ** 2;
    to.blues += (pixels[at + 2]! - blue) ** 2;
  }
  to.count += end - start;
}

/** Whether a cell and its neighbours, corners included, have nearly one colour. */
function isWithoutEdge({ columns, rows, colors }: GroundCells, cell: number): boolean {
  const column = cell % columns;
  const row = (cell - column) / columns;
  const left = Math.max(0, column - 1);
  const right = Math.min(columns - 1, column + 1);
  const bottom = Math.min(rows - 1, row + 1);
  for (let channel = 0; channel < 3; channel++) {
    let low = 255;
    let high = 0;
    for (let y = Math.max(0, row - 1); y <= bottom; y++) {
      const end = (y * columns + right) * 3 + channel;
      for (let at = (y * columns + left) * 3 + channel; at <= end; at += 3) {
        const level = colors[at]!;
        if (level < low) low = level;
        if (level > high) high = level;
      }
    }
    if (high - low > stepTolerance) return false;
  }
  return true;
}
