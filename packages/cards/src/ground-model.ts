import { fitSurface, offSurface, pointsNear, surfaceAt, surfacePoints } from './fit-surface.ts';
import type { SurfacePoints } from './fit-surface.ts';
import { averageCells, followGround, grainWithin } from './ground-cells.ts';
import type { Picture } from './picture.ts';

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
  /** Standard deviation within a few pixels, in levels. */
  readonly grain: number;
  /** Standard deviation around the fitted ground, in levels: grain, texture and uneven slopes. */
  readonly noise: number;
  /** Levels off the fitted ground from which on a pixel is something else. */
  readonly threshold: number;
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
  const { surface, rms } = fitInside(points, border.surface, cells.count * leastCells);
  const grain = grainWithin(picture, cells, inside);
  return {
    surface,
    color: border.color,
    borderShare: border.share,
    range: rangeOf(surface, points),
    grain,
    noise: Math.hypot(grain, rms),
    threshold: Math.min(60, Math.max(8, 4.5 * grain, 2.5 * rms)),
  };
}

/** How far each pixel is from the ground: the largest difference of its three channels, in levels. */
export function distanceFromGround({ width, height, pixels }: Picture, surface: Float64Array): Uint8Array<ArrayBuffer> {
  const distances = new Uint8Array(width * height);
  const step = 2 / width;
  const u = step / 2 - 1;
  for (let y = 0, at = 0, source = 0; y < height; y++) {
    const v = ((y + 0.5) * 2) / height - 1;
    // Forward differences of the quadratic along the row.
    const slopeOf = (channel: number): number =>
      step * (surface[channel * 6 + 1]! + surface[channel * 6 + 4]! * v + surface[channel * 6 + 3]! * (2 * u + step));
    const bendOf = (channel: number): number => 2 * step * step * surface[channel * 6 + 3]!;
    let [red, green, blue] = [surfaceAt(surface, 0, u, v), surfaceAt(surface, 1, u, v), surfaceAt(surface, 2, u, v)];
    let [redSlope, greenSlope, blueSlope] = [slopeOf(0), slopeOf(1), slopeOf(2)];
    const [redBend, greenBend, blueBend] = [bendOf(0), bendOf(1), bendOf(2)];
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
      red += redSlope;
      green += greenSlope;
      blue += blueSlope;
      redSlope += redBend;
      greenSlope += greenBend;
      blueSlope += blueBend;
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
  const indices = borderPixels(width, height);
  const points = surfacePoints(indices.length);
  points.count = indices.length;
  for (const [index, at] of indices.entries()) {
    points.x[index] = (((at % width) + 0.5) * 2) / width - 1;
    points.y[index] = ((Math.floor(at / width) + 0.5) * 2) / height - 1;
    for (let channel = 0; channel < 3; channel++) points.colors[index * 3 + channel] = pixels[at * 4 + channel]!;
  }
  const middle = (channel: number): number => {
    const levels = Uint8Array.from(indices, (at) => pixels[at * 4 + channel]!).sort();
    return levels[levels.length >> 1] ?? 0;
  };
  const color = [middle(0), middle(1), middle(2)] as const;
  let surface = new Float64Array(18);
  for (const [channel, level] of color.entries()) surface[channel * 6] = level;
  for (const tolerance of [40, 28, borderTolerance])
    surface = fitSurface(pointsNear(points, surface, tolerance), 3) ?? surface;
  const ground = pointsNear(points, surface, borderTolerance).count;
  return { surface, color, share: ground / Math.max(1, points.count) };
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

function pick(cells: SurfacePoints, inside: readonly number[]): SurfacePoints {
  const points = surfacePoints(inside.length);
  for (const cell of inside) {
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
