import type { Components } from './components.ts';
import type { GroundModel } from './ground/ground-model.ts';
import type { Picture } from './picture.ts';
import { region } from './regions.ts';

/** Levels that a crisp edge rises by within five pixels, at least. */
export function crispRise({ threshold }: Pick<GroundModel, 'threshold'>): number {
  return Math.max(10, threshold);
}

/** How far the distance from the ground rises within `reach` pixels around a pixel. */
function riseAt(distances: Uint8Array, width: number, height: number, at: number, reach: number): number {
  const x = at % width;
  const y = (at - x) / width;
  const left = Math.max(0, x - reach);
  const right = Math.min(width - 1, x + reach);
  const bottom = Math.min(height - 1, y + reach);
  let low = 255;
  let high = 0;
  for (let row = Math.max(0, y - reach); row <= bottom; row++) {
    for (let next = row * width + left, end = row * width + right; next <= end; next++) {
      const distance = distances[next]!;
      if (distance < low) low = distance;
      if (distance > high) high = distance;
    }
  }
  return high - low;
}

/**
 * How far around a pixel an edge is looked for, in pixels, and by which factor it has to rise higher there. Compression in
 * blocks of eight pixels spreads an edge up to seven pixels wide; a shading of that width rises less.
 */
const edgeReaches = [
  { reach: 2, factor: 1 },
  { reach: 5, factor: 2.5 },
  { reach: 7, factor: 4 },
] as const;

/** Whether there is a crisp edge at a pixel, one that rises by `rise` levels, or one that compression has spread. */
function isCrispAt(distances: Uint8Array, width: number, height: number, at: number, rise: number): boolean {
  return edgeReaches.some(({ reach, factor }) => riseAt(distances, width, height, at, reach) >= factor * rise);
}

/** Whether a pixel of a run has a neighbour of another region. */
function isEdgePixel(regions: Uint8Array, width: number, start: number, end: number, at: number): boolean {
  const own = regions[start];
  return (
    (at === start && at % width !== 0) ||
    (at === end - 1 && end % width !== 0) ||
    (at >= width && regions[at - width] !== own) ||
    (at + width < regions.length && regions[at + width] !== own)
  );
}

/** How many pixels of an outline there are, and how many of them are crisp. */
export interface OutlineCount {
  edges: number;
  crisp: number;
}

/** Adds the pixels of a run that lie on its region's outline. */
export function countOutline(
  regions: Uint8Array,
  distances: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  start: number,
  end: number,
  rise: number,
  to: OutlineCount,
): void {
  for (let at = start; at < end; at++) {
    if (!isEdgePixel(regions, width, start, end, at)) continue;
    to.edges += 1;
    if (isCrispAt(distances, width, height, at, rise)) to.crisp += 1;
  }
}

/**
 * Share of an object's outline that fades into the ground. Large for an object of the ground's colour, because the outline that is
 * found runs through its shading.
 */
export function softEdgeShare(
  regions: Uint8Array,
  distances: Uint8Array,
  size: { readonly width: number; readonly height: number },
  components: Components,
  kept: Uint8Array,
  rise: number,
): number {
  const found: OutlineCount = { edges: 0, crisp: 0 };
  for (let run = 0; run < components.runCount; run++)
    if (kept[components.labels[run]!] === 1)
      countOutline(regions, distances, size, components.starts[run]!, components.ends[run]!, rise, found);
  return found.edges === 0 ? 0 : (found.edges - found.crisp) / found.edges;
}

/**
 * Length of faint lines in what counts as ground, as a multiple of the frame's shorter side. A white object on a white
 * ground of a slightly different white leaves such a line, which is too faint for cutting out.
 */
export function faintLineLength({ width, height, pixels }: Picture, regions: Uint8Array, grain: number): number {
  const step = Math.max(3, 6 * grain);
  // Compression disturbs the ground near an object's edges, in blocks of up to sixteen pixels.
  const clear = 17;
  const aside = 12;
  const around = [clear, clear * width, aside * (width + 1), aside * (width - 1)];
  const isClear = (at: number): boolean =>
    around.every((offset) => regions[at + offset] === region.ground && regions[at - offset] === region.ground);
  let count = 0;
  for (let y = clear; y < height - clear; y += 2)
    for (const at of stepsInRow(pixels, width, y * width + clear, (y + 1) * width - clear, step))
      if (regions[at] === region.ground && isClear(at)) count += 1;
  return count / Math.min(width, height);
}

/** The pixels of a row from which colours step to the right or down. */
function stepsInRow(pixels: Uint8Array, width: number, start: number, end: number, step: number): readonly number[] {
  const found: number[] = [];
  // Four pixels apart, so that each second pixel of each second row meets a line as often as the line is long.
  for (let at = start; at < end; at += 2) {
    const source = at * 4;
    if (differs(pixels, source, source + 16, step) || differs(pixels, source, source + 16 * width, step))
      found.push(at);
  }
  return found;
}

function differs(pixels: Uint8Array, a: number, b: number, step: number): boolean {
  return (
    Math.abs(pixels[a]! - pixels[b]!) >= step ||
    Math.abs(pixels[a + 1]! - pixels[b + 1]!) >= step ||
    Math.abs(pixels[a + 2]! - pixels[b + 2]!) >= step
  );
}
