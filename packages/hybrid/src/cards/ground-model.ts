import type { Picture } from './picture.ts';
import { fitSurface } from './fit-surface.ts';

/** The plain ground of an opaque picture, as far as it can be made out from its border inwards. */
export interface GroundModel {
  /** Six coefficients (1, x, y, x², xy, y²) for each of the three channels; x and y run from -1 to 1 over the frame. */
  readonly surface: Float64Array;
  /** Middle colour of the border: red, green, blue from 0 to 255. */
  readonly color: readonly [number, number, number];
  /** Share of the border that belongs to one smooth ground. */
  readonly borderShare: number;
  /** Brightest less darkest point of the fitted ground, in levels of 255. */
  readonly range: number;
  /** Standard deviation within a few pixels, in levels. */
  readonly grain: number;
  /** Standard deviation around the fitted ground, in levels: grain, texture, and what is no even slope. */
  readonly noise: number;
  /** Levels off the fitted ground from which on a pixel is something else. */
  readonly threshold: number;
}

/** Levels that a border pixel may be off the border's own slope and still be ground. */
const borderTolerance = 20;
/** Levels that the inside may be off the border's slope while the ground is being followed. */
const insideTolerance = 26;
/** Levels by which a cell and its eight neighbours may differ where there is no edge. */
const stepTolerance = 6;
/** The ground is followed on a grid of about this many cells a side. */
const gridSide = 200;

/**
 * Fits a smooth surface to the ground: first a slope to the border, then a quadratic surface to everything that is
 * connected with the border without a step. Grain is measured within the cells of a grid, so that a slope is not noise.
 */
export function fitGround(picture: Picture): GroundModel {
  const border = fitBorder(picture);
  const cells = averageCells(picture);
  const inside = followGround(cells, border.surface);
  const { surface, rms } = fitCells(cells, inside, border.surface);
  const grain = grainWithin(picture, cells, inside);
  return {
    surface,
    color: border.color,
    borderShare: border.share,
    range: rangeOf(cells, inside, surface),
    grain,
    noise: Math.hypot(grain, rms),
    threshold: Math.min(60, Math.max(8, 4.5 * grain, 2.5 * rms)),
  };
}

/** Value of one channel of a surface at a point of the frame. */
export function surfaceAt(surface: Float64Array, channel: number, x: number, y: number): number {
  const at = channel * 6;
  return (
    surface[at]! +
    surface[at + 1]! * x +
    surface[at + 2]! * y +
    surface[at + 3]! * x * x +
    surface[at + 4]! * x * y +
    surface[at + 5]! * y * y
  );
}

/** How far each pixel is from the ground: the largest difference of its three channels, in levels. */
export function distanceFromGround({ width, height, pixels }: Picture, surface: Float64Array): Uint8Array<ArrayBuffer> {
  const distances = new Uint8Array(width * height);
  const step = 2 / width;
  for (let y = 0, at = 0, source = 0; y < height; y++) {
    const v = ((y + 0.5) * 2) / height - 1;
    const u = step / 2 - 1;
    const [redStep, greenStep, blueStep] = [0, 1, 2].map((channel) => {
      const c = channel * 6;
      // Forward differences of the quadratic along the row.
      return step * (surface[c + 1]! + surface[c + 4]! * v + surface[c + 3]! * (2 * u + step));
    }) as [number, number, number];
    let [dRed, dGreen, dBlue] = [redStep, greenStep, blueStep];
    let red = surfaceAt(surface, 0, u, v);
    let green = surfaceAt(surface, 1, u, v);
    let blue = surfaceAt(surface, 2, u, v);
    const [bendRed, bendGreen, bendBlue] = [3, 9, 15].map((index) => 2 * step * step * surface[index]!) as [
      number,
      number,
      number,
    ];
    for (let x = 0; x < width; x++, at++, source += 4) {
      let distance = pixels[source]! - red;
      if (distance < 0) distance = -distance;
      let other = pixels[source + 1]! - green;
      if (other < 0) other = -other;
      if (other > distance) distance = other;
      other = pixels[source + 2]! - blue;
      if (other < 0) other = -other;
      if (other > distance) distance = other;
      distances[at] = distance + 0.5;
      red += dRed;
      green += dGreen;
      blue += dBlue;
      dRed += bendRed;
      dGreen += bendGreen;
      dBlue += bendBlue;
    }
  }
  return distances;
}

interface Border {
  readonly surface: Float64Array;
  readonly color: readonly [number, number, number];
  readonly share: number;
}

function fitBorder({ width, height, pixels }: Picture): Border {
  const ring = Math.max(2, Math.round(Math.min(width, height) * 0.01));
  const indices: number[] = [];
  for (let y = 0; y < height; y++) {
    const edge = y < ring || y >= height - ring;
    for (let x = 0; x < width; x++) {
      if (!edge && x === ring) x = Math.max(ring, width - ring);
      if (x < width) indices.push(y * width + x);
    }
  }
  const stride = Math.max(1, Math.floor(indices.length / 8000));
  const sample = indices.filter((_, index) => index % stride === 0);
  const color = [0, 1, 2].map((channel) => median(sample.map((index) => pixels[index * 4 + channel]!))) as [
    number,
    number,
    number,
  ];
  const points = sample.map((index) => ({
    x: (((index % width) + 0.5) * 2) / width - 1,
    y: ((Math.floor(index / width) + 0.5) * 2) / height - 1,
    color: pixels.subarray(index * 4, index * 4 + 3),
  }));
  let surface = new Float64Array(18);
  for (const [channel, level] of color.entries()) surface[channel * 6] = level;
  for (const tolerance of [40, 28, borderTolerance]) {
    const near = points.filter((point) => offSurface(surface, point.x, point.y, point.color) <= tolerance);
    surface = fitSurface(near, 3) ?? surface;
  }
  const ground = points.filter((point) => offSurface(surface, point.x, point.y, point.color) <= borderTolerance);
  return { surface, color, share: ground.length / Math.max(1, points.length) };
}

interface Cells {
  readonly size: number;
  readonly columns: number;
  readonly rows: number;
  /** Mean colour, three numbers a cell. */
  readonly means: Float32Array;
}

function averageCells({ width, height, pixels }: Picture): Cells {
  const size = Math.max(1, Math.round(Math.max(width, height) / gridSide));
  const columns = Math.max(1, Math.floor(width / size));
  const rows = Math.max(1, Math.floor(height / size));
  const means = new Float32Array(columns * rows * 3);
  const scale = 1 / (size * size);
  for (let row = 0; row < rows; row++) {
    for (let line = 0; line < size; line++) {
      let source = (row * size + line) * width * 4;
      for (let column = 0, at = row * columns * 3; column < columns; column++, at += 3) {
        let [red, green, blue] = [0, 0, 0];
        for (let index = 0; index < size; index++, source += 4) {
          red += pixels[source]!;
          green += pixels[source + 1]!;
          blue += pixels[source + 2]!;
        }
        means[at]! += red * scale;
        means[at + 1]! += green * scale;
        means[at + 2]! += blue * scale;
      }
    }
  }
  return { size, columns, rows, means };
}

/** The cells that are connected with the border without crossing an edge, and not far from its slope. */
function followGround(cells: Cells, slope: Float64Array): Uint8Array {
  const { columns, rows, means } = cells;
  const reached = new Uint8Array(columns * rows);
  const queue: number[] = [];
  const isOpen = (cell: number): boolean =>
    offSurface(slope, ...placeOf(cells, cell), means.subarray(cell * 3, cell * 3 + 3)) <= insideTolerance &&
    rangeAround(cells, cell) <= stepTolerance;
  const visit = (cell: number): void => {
    if (reached[cell] !== 0 || !isOpen(cell)) return;
    reached[cell] = 1;
    queue.push(cell);
  };
  for (let column = 0; column < columns; column++) [column, (rows - 1) * columns + column].forEach(visit);
  for (let row = 0; row < rows; row++) [row * columns, row * columns + columns - 1].forEach(visit);
  for (let head = 0; head < queue.length; head++) {
    const cell = queue[head]!;
    const column = cell % columns;
    const beside = [
      column > 0 ? cell - 1 : -1,
      column < columns - 1 ? cell + 1 : -1,
      cell - columns,
      cell + columns < reached.length ? cell + columns : -1,
    ];
    for (const next of beside) if (next >= 0) visit(next);
  }
  return reached;
}

function fitCells(cells: Cells, inside: Uint8Array, slope: Float64Array): { surface: Float64Array; rms: number } {
  let points: { x: number; y: number; color: Float32Array }[] = [];
  for (let cell = 0; cell < inside.length; cell++) {
    if (inside[cell] === 0) continue;
    const [x, y] = placeOf(cells, cell);
    points.push({ x, y, color: cells.means.subarray(cell * 3, cell * 3 + 3) });
  }
  let surface = slope;
  let rms = 0;
  for (let round = 0; round < 4; round++) {
    const fitted = fitSurface(points, 6);
    if (fitted === undefined) break;
    surface = fitted;
    const offs = points.map((point) => offSurface(fitted, point.x, point.y, point.color));
    rms = Math.sqrt(offs.reduce((sum, off) => sum + off * off, 0) / Math.max(1, offs.length));
    const limit = Math.max(1.5, 2.5 * rms);
    const kept = points.filter((_, index) => offs[index]! <= limit);
    if (kept.length === points.length || kept.length < inside.length * 0.02) break;
    points = kept;
  }
  return { surface, rms };
}

/** Root mean square of the deviations within ground cells, the largest of the three channels. */
function grainWithin({ width, pixels }: Picture, cells: Cells, inside: Uint8Array): number {
  const { size, columns, means } = cells;
  if (size < 2) return 0;
  const sums = [0, 0, 0];
  let count = 0;
  for (let cell = 0; cell < inside.length; cell += 3) {
    if (inside[cell] === 0) continue;
    const top = Math.floor(cell / columns) * size;
    const left = (cell % columns) * size;
    for (let y = top; y < top + size; y++) {
      for (let x = left; x < left + size; x++, count++) {
        for (let channel = 0; channel < 3; channel++) {
          const off = pixels[(y * width + x) * 4 + channel]! - means[cell * 3 + channel]!;
          sums[channel]! += off * off;
        }
      }
    }
  }
  return count === 0 ? 0 : Math.sqrt(Math.max(...sums) / (count * (1 - 1 / (size * size))));
}

function rangeOf(cells: Cells, inside: Uint8Array, surface: Float64Array): number {
  let [low, high] = [Infinity, -Infinity];
  for (let cell = 0; cell < inside.length; cell++) {
    if (inside[cell] === 0) continue;
    const [x, y] = placeOf(cells, cell);
    const [red, green, blue] = [0, 1, 2].map((channel) => surfaceAt(surface, channel, x, y)) as [
      number,
      number,
      number,
    ];
    const light = 0.299 * red + 0.587 * green + 0.114 * blue;
    low = Math.min(low, light);
    high = Math.max(high, light);
  }
  return high < low ? 0 : high - low;
}

function placeOf({ columns, rows }: Cells, cell: number): [number, number] {
  return [(((cell % columns) + 0.5) * 2) / columns - 1, ((Math.floor(cell / columns) + 0.5) * 2) / rows - 1];
}

function offSurface(surface: Float64Array, x: number, y: number, color: ArrayLike<number>): number {
  return Math.max(
    Math.abs(color[0]! - surfaceAt(surface, 0, x, y)),
    Math.abs(color[1]! - surfaceAt(surface, 1, x, y)),
    Math.abs(color[2]! - surfaceAt(surface, 2, x, y)),
  );
}

/** Largest difference between a cell and its neighbours, corners included, over the three channels. */
function rangeAround({ columns, rows, means }: Cells, cell: number): number {
  const [column, row] = [cell % columns, Math.floor(cell / columns)];
  let range = 0;
  for (let channel = 0; channel < 3; channel++) {
    let [low, high] = [255, 0];
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
        const level = means[(y * columns + x) * 3 + channel]!;
        if (level < low) low = level;
        if (level > high) high = level;
      }
    }
    range = Math.max(range, high - low);
  }
  return range;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
