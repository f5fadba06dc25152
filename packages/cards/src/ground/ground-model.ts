import { fitSurface, offSurface, pointsNear, surfaceAt, surfacePoints } from './fit-surface.ts';
import type { SurfacePoints } from './fit-surface.ts';
import { averageCells, followGround, grainWithin } from './ground-cells.ts';
import type { Box } from '../components.ts';
import type { Picture, Raster } from '../picture.ts';

/** The plain ground of an opaque picture, as far as it can be made out from its border inwards. */
export interface GroundModel {
  /** Six coefficients (1, x, y, x², xy, y²) for each of the three channels; x and y run from -1 to 1 over the frame. */
  readonly surface: Float64Array;
  /** Middle colour of the border: red, green, blue from 0 to 255. */
  readonly color: readonly [number, number, number];
  /** Share of the border that belongs to one smooth ground. */
  readonly borderShare: number;
  /** Highest less lowest level of the fitted ground, in the channel where they differ most. */
  readonly range: number;
  /** Standard deviation within a few pixels of the measured picture, in levels. */
  readonly grain: number;
  /** The same in the full picture; there is less of it where pixels are averaged. */
  readonly fullGrain: number;
  /** Standard deviation around the fitted ground, in levels: grain, texture and uneven slopes. */
  readonly noise: number;
  /** Levels off the fitted ground from which on a pixel is something else. */
  readonly threshold: number;
  /** The same in the full picture. */
  readonly fullThreshold: number;
}

/** Levels that a border pixel may be off the border's own slope and still be ground. */
const borderTolerance = 20;
/** The fit needs this share of all cells at least. */
const leastCells = 0.02;

/**
 * Fits a smooth surface to the ground: first a slope to the border, then a quadratic surface to everything that is
 * connected with the border without an edge between. Grain is measured within the cells of a grid, so that a slope is not
 * noise.
 */
export function fitGround(picture: Picture): GroundModel {
  const border = fitBorder(picture);
  const cells = averageCells(picture);
  const inside = followGround(cells, border.surface);
  const points = pick(cells, inside);
  const { surface, rms } = fitInside(
    points,
    border.surface,
    (leastCells * cells.count * points.count) / Math.max(1, inside.length),
  );
  const grain = grainWithin(picture, cells, inside, 1);
  const fullGrain = picture.factor === 1 ? grain : grainWithin(picture.full, cells, inside, picture.factor);
  const thresholdFor = (deviation: number): number => Math.min(60, Math.max(8, 4.5 * deviation, 2.5 * rms));
  return {
    surface,
    color: border.color,
    borderShare: border.share,
    range: rangeOf(surface, points),
    grain,
    fullGrain,
    noise: Math.hypot(fullGrain, rms),
    threshold: thresholdFor(grain),
    fullThreshold: thresholdFor(fullGrain),
  };
}

/**
 * How far each pixel of a window is from the ground: the largest difference of its three channels, in levels. The map is as
 * large as the picture, and 0 outside the window.
 */
export function distanceFromGround(raster: Raster, surface: Float64Array, window: Box): Uint8Array<ArrayBuffer> {
  const { width, height, pixels } = raster;
  const distances = new Uint8Array(width * height);
  for (let y = window.top; y < window.bottom; y++)
    measureRow(pixels, width, height, surface, window.left, window.right, y, distances);
  return distances;
}

/** One row of it: V8 compiles what is called often better than a long loop. */
function measureRow(
  pixels: Uint8Array,
  width: number,
  height: number,
  surface: Float64Array,
  left: number,
  right: number,
  y: number,
  distances: Uint8Array,
): void {
  const step = 2 / width;
  const u = (left + 0.5) * step - 1;
  const v = ((y + 0.5) * 2) / height - 1;
  let red = surfaceAt(surface, 0, u, v);
  let green = surfaceAt(surface, 1, u, v);
  let blue = surfaceAt(surface, 2, u, v);
  // Forward differences of the quadratic along the row.
  let redSlope = slopeAt(surface, 0, u, v, step);
  let greenSlope = slopeAt(surface, 1, u, v, step);
  let blueSlope = slopeAt(surface, 2, u, v, step);
  const redBend = 2 * step * step * surface[3]!;
  const greenBend = 2 * step * step * surface[9]!;
  const blueBend = 2 * step * step * surface[15]!;
  const end = y * width + right;
  for (let at = y * width + left, source = at * 4; at < end; at++, source += 4) {
    const offRed = (Math.abs(pixels[source]! - red) + 0.5) | 0;
    const offGreen = (Math.abs(pixels[source + 1]! - green) + 0.5) | 0;
    const offBlue = (Math.abs(pixels[source + 2]! - blue) + 0.5) | 0;
    distances[at] = larger(larger(offRed, offGreen), offBlue);
    red += redSlope;
    green += greenSlope;
    blue += blueSlope;
    redSlope += redBend;
    greenSlope += greenBend;
    blueSlope += blueBend;
  }
}

/** The larger of two whole numbers, without a branch: on grain the processor guesses half of all branches wrong. */
function larger(a: number, b: number): number {
  const more = (b - a) | 0;
  return a + (more & ~(more >> 31));
}

/** How much a channel of a surface rises from a point to the next one in its row. */
function slopeAt(surface: Float64Array, channel: number, u: number, v: number, step: number): number {
  const at = channel * 6;
  return step * (surface[at + 1]! + surface[at + 4]! * v + surface[at + 3]! * (2 * u + step));
}

interface Border {
  readonly surface: Float64Array;
  readonly color: readonly [number, number, number];
  readonly share: number;
}

function fitBorder({ width, height, pixels }: Picture): Border {
  const indices = borderPixels(width, height);
  const points = surfacePoints(indices.length);
  points.count = indices.length;
  for (let index = 0; index < indices.length; index++) setPoint(points, index, pixels, width, height, indices[index]!);
  const middle = (channel: number): number => {
    const counts = new Uint32Array(256);
    for (const at of indices) counts[pixels[at * 4 + channel]!]! += 1;
    let [level, below] = [0, counts[0]!];
    while (below <= indices.length >> 1 && level < 255) below += counts[++level]!;
    return level;
  };
  const color = [middle(0), middle(1), middle(2)] as const;
  let surface = new Float64Array(18);
  for (const [channel, level] of color.entries()) surface[channel * 6] = level;
  for (const tolerance of [40, 28, borderTolerance])
    surface = fitSurface(pointsNear(points, surface, tolerance), 3) ?? surface;
  const ground = pointsNear(points, surface, borderTolerance).count;
  return { surface, color, share: ground / Math.max(1, points.count) };
}

function setPoint(
  { x, y, colors }: SurfacePoints,
  index: number,
  pixels: Uint8Array,
  width: number,
  height: number,
  at: number,
): void {
  x[index] = (((at % width) + 0.5) * 2) / width - 1;
  y[index] = ((Math.floor(at / width) + 0.5) * 2) / height - 1;
  for (let channel = 0; channel < 3; channel++) colors[index * 3 + channel] = pixels[at * 4 + channel]!;
}

/** Some thousand pixels of the outermost hundredth of the frame. */
function borderPixels(width: number, height: number): number[] {
  const ring = Math.max(2, Math.round(Math.min(width, height) * 0.01));
  const all: number[] = [];
  for (let y = 0; y < height; y++) {
    const edge = y < ring || y >= height - ring;
    for (let x = 0; x < width; x++) {
      if (!edge && x === ring) x = Math.max(ring, width - ring);
      if (x < width) all.push(y * width + x);
    }
  }
  const stride = Math.max(1, Math.floor(all.length / 6000));
  return all.filter((_, index) => index % stride === 0);
}

/** Some thousand of the cells determine the surface as well as all do. */
const mostPoints = 3000;

function pick(cells: SurfacePoints, inside: readonly number[]): SurfacePoints {
  const points = surfacePoints(inside.length);
  const stride = Math.max(1, Math.floor(inside.length / mostPoints));
  for (let index = 0; index < inside.length; index += stride) {
    const cell = inside[index]!;
    points.x[points.count] = cells.x[cell]!;
    points.y[points.count] = cells.y[cell]!;
    for (let channel = 0; channel < 3; channel++)
      points.colors[points.count * 3 + channel] = cells.colors[cell * 3 + channel]!;
    points.count += 1;
  }
  return points;
}

function fitInside(all: SurfacePoints, slope: Float64Array, least: number): { surface: Float64Array; rms: number } {
  let points = all;
  let surface = slope;
  let rms = 0;
  for (let round = 0; round < 4; round++) {
    const fitted = fitSurface(points, 6);
    if (fitted === undefined) break;
    surface = fitted;
    let squares = 0;
    for (let index = 0; index < points.count; index++) squares += offSurface(fitted, points, index) ** 2;
    rms = Math.sqrt(squares / Math.max(1, points.count));
    const kept = pointsNear(points, fitted, Math.max(1.5, 2.5 * rms));
    if (kept.count === points.count || kept.count < least) break;
    points = kept;
  }
  return { surface, rms };
}

function rangeOf(surface: Float64Array, { count, x, y }: SurfacePoints): number {
  let range = 0;
  for (let channel = 0; channel < 3; channel++) {
    let [low, high] = [Infinity, -Infinity];
    for (let index = 0; index < count; index++) {
      const level = surfaceAt(surface, channel, x[index]!, y[index]!);
      if (level < low) low = level;
      if (level > high) high = level;
    }
    range = Math.max(range, high - low);
  }
  return range;
}
