import type { OpaqueAnalysis } from './analyse-picture.ts';
import type { Box } from './components.ts';
import { distanceFromGround } from './ground/ground-model.ts';
import type { Picture } from './picture.ts';
import { region } from './regions.ts';
import { shadowTest } from './ground/soft-shadow.ts';

/** Pixels from the outline inwards that may be mixed with the ground. */
export const mixedDepth = 6;
/** Pixels from the outline outwards that may hold a trace of the object. */
const outerDepth = 2;
/** Pixels around the object that are looked at, and made transparent. */
const margin = 24;

/** Values of a depth map besides 1 to `mixedDepth`, which count pixels from the outline inwards. */
export const depthOf = { outside: 0, deep: 7, near: 255 } as const;

/** Where each pixel of the full picture lies to the object's outline. */
export interface Outline {
  /** The part of the full picture that holds the object and its outline; everything outside is left out below. */
  readonly window: Box;
  /** One of `depthOf`, or the depth. */
  readonly depths: Uint8Array;
  /** Levels off the ground. */
  readonly distances: Uint8Array;
  /** The pixels of the outline, inside by rising depth, then outside. */
  readonly band: readonly number[];
  /** Offsets of the eight pixels around one. */
  readonly around: readonly number[];
}

/** What is known of a pixel of the measured picture, beside its region. */
const cell = { inside: 1, edge: 2, nearEdge: 4, soft: 8, ground: 16 } as const;

/**
 * Finds the outline in the full picture. The measured picture says where it runs; only there is it looked for pixel by
 * pixel, so that most of the full picture is filled row by row.
 */
export function findOutline(analysis: OpaqueAnalysis): Outline {
  const { picture, ground } = analysis;
  const { full } = picture;
  const window = windowOf(analysis);
  const distances = distanceFromGround(full, ground.surface, window);
  const cells = describeCells(analysis);
  const depths = new Uint8Array(distances.length);
  fillInside(analysis, depths);
  // Row by row, here and elsewhere: V8 compiles what is called often once, and a long loop again and again.
  if (picture.factor > 1) {
    const lightAt = shadowTest(full, ground, ground.fullGrain);
    const isShadow = (at: number): boolean => lightAt(at) !== undefined;
    for (let row = 0; row < picture.height; row++)
      sortEdgePixels(analysis, { depths, distances }, cells, row, isShadow);
  }
  clearFrame(depths, full.width, window);
  const around = neighboursOf(full.width);
  const band: number[] = [];
  for (let row = 0; row < picture.height; row++) addEdgePixels(picture, depths, cells, row, around, band);
  for (const at of band) depths[at] = 1;
  const outline = band.length;
  goInwards(depths, band, around);
  surround(analysis, depths, band, outline);
  return { window, depths, distances, band, around };
}

/** Counts the pixels from the outline inwards, and adds them to the band. */
function goInwards(depths: Uint8Array, band: number[], around: readonly number[]): void {
  for (let head = 0; head < band.length; head++) {
    const depth = depths[band[head]!]! + 1;
    if (depth > mixedDepth) break;
    for (let side = 0; side < around.length; side++) {
      const next = band[head]! + around[side]!;
      if (depths[next] !== depthOf.deep) continue;
      depths[next] = depth;
      band.push(next);
    }
  }
}

/** The offsets of the eight pixels around one. Nothing of the object lies on the edge of its window. */
function neighboursOf(width: number): readonly number[] {
  return [-1, 1, -width, width, -width - 1, -width + 1, width - 1, width + 1];
}

/** The object's box with a margin, in pixels of the full picture, on the grid of the measured one. */
function windowOf({ picture: { factor, full }, object }: OpaqueAnalysis): Box {
  const { left, top, right, bottom } = object.box ?? { left: 0, top: 0, right: 0, bottom: 0 };
  const free = Math.ceil(margin / factor);
  return {
    left: Math.max(0, left - free) * factor,
    top: Math.max(0, top - free) * factor,
    right: Math.min(full.width, (right + free) * factor),
    bottom: Math.min(full.height, (bottom + free) * factor),
  };
}

/** For each pixel of the measured picture, whether it is inside, where the edge is, and what is beside it. */
function describeCells({ picture: { width, height }, regions, components, object }: OpaqueAnalysis): Uint8Array {
  const cells = new Uint8Array(width * height);
  for (let run = 0; run < components.runCount; run++)
    if (object.kept[components.labels[run]!] === 1)
      cells.fill(cell.inside, components.starts[run], components.ends[run]);
  const { top, bottom } = object.box ?? { top: 0, bottom: 0 };
  const edges: number[] = [];
  for (let y = Math.max(1, top - 1); y < Math.min(height - 1, bottom + 1); y++) findEdges(cells, width, y, edges);
  const here = [0, ...neighboursOf(width)];
  for (let index = 0; index < edges.length; index++) describeEdge(cells, regions, edges[index]!, here);
  return cells;
}

/** Adds the pixels of a row where the edge runs: of three by three, not none and not all are inside. */
function findEdges(cells: Uint8Array, width: number, y: number, edges: number[]): void {
  const start = y * width;
  let before = 0;
  let middle = cells[start - width]! + cells[start]! + cells[start + width]!;
  for (let at = start; at < start + width - 1; at++) {
    const after = cells[at - width + 1]! + cells[at + 1]! + cells[at + width + 1]!;
    if ((before + middle + after) % 9 !== 0) edges.push(at);
    before = middle;
    middle = after;
  }
}

function describeEdge(cells: Uint8Array, regions: Uint8Array, at: number, here: readonly number[]): void {
  let found = cell.edge;
  for (let side = 0; side < here.length; side++) {
    const next = at + here[side]!;
    cells[next]! |= cell.nearEdge;
    if (regions[next] === region.soft) found |= cell.soft;
    else if (regions[next] !== region.object) found |= cell.ground;
  }
  cells[at]! |= found;
}

/** Marks what lies inside as deep, with the corners of the measured picture's pixels. */
function fillInside({ picture, components, object }: OpaqueAnalysis, depths: Uint8Array): void {
  const { width, factor, full } = picture;
  for (let run = 0; run < components.runCount; run++) {
    if (object.kept[components.labels[run]!] !== 1) continue;
    const [start, end] = [components.starts[run]!, components.ends[run]!];
    const row = Math.floor(start / width);
    const first = (start - row * width) * factor;
    const last = Math.min(full.width, (end - row * width) * factor);
    const bottom = Math.min(full.height, (row + 1) * factor);
    for (let y = row * factor; y < bottom; y++)
      depths.fill(depthOf.deep, y * full.width + first, y * full.width + last);
  }
}

/** Sorts the pixels of a row of measured pixels by their own colours, where the edge runs. */
function sortEdgePixels(
  { regions, ground, picture: { width, factor, full } }: OpaqueAnalysis,
  { depths, distances }: Pick<Outline, 'depths' | 'distances'>,
  cells: Uint8Array,
  row: number,
  isShadow: (at: number) => boolean,
): void {
  const bottom = Math.min(full.height, (row + 1) * factor);
  for (let column = 0; column < width; column++) {
    const known = cells[row * width + column]!;
    if ((known & cell.edge) === 0) continue;
    const isInside = (known & cell.inside) !== 0;
    // Other things than the object stay away.
    if (!isInside && regions[row * width + column] === region.object) continue;
    const right = Math.min(full.width, (column + 1) * factor);
    for (let y = row * factor; y < bottom; y++)
      for (let at = y * full.width + column * factor; at < y * full.width + right; at++) {
        let isObject = isInside;
        if (distances[at]! > ground.fullThreshold) isObject = (known & cell.soft) === 0 || !isShadow(at);
        else if ((known & cell.ground) !== 0) isObject = false;
        depths[at] = isObject ? depthOf.deep : depthOf.outside;
      }
  }
}

/** Keeps the edge of the window free, so that each pixel of the object has eight neighbours. */
function clearFrame(depths: Uint8Array, width: number, { left, top, right, bottom }: Box): void {
  depths.fill(depthOf.outside, top * width, (top + 1) * width);
  depths.fill(depthOf.outside, (bottom - 1) * width, bottom * width);
  for (let y = top; y < bottom; y++) {
    depths[y * width + left] = depthOf.outside;
    depths[y * width + right - 1] = depthOf.outside;
  }
}

/** Adds the object's outermost pixels in a row of measured ones to the band. */
function addEdgePixels(
  { width, factor, full }: Picture,
  depths: Uint8Array,
  cells: Uint8Array,
  row: number,
  around: readonly number[],
  band: number[],
): void {
  const bottom = Math.min(full.height, (row + 1) * factor);
  for (let column = 0; column < width; column++) {
    if ((cells[row * width + column]! & cell.nearEdge) === 0) continue;
    const right = Math.min(full.width, (column + 1) * factor);
    for (let y = row * factor; y < bottom; y++)
      for (let at = y * full.width + column * factor; at < y * full.width + right; at++)
        if (depths[at] === depthOf.deep && isBeside(depths, at, around, depthOf.outside)) band.push(at);
  }
}

function isBeside(depths: Uint8Array, at: number, around: readonly number[], depth: number): boolean {
  for (let side = 0; side < around.length; side++) if (depths[at + around[side]!] === depth) return true;
  return false;
}

/** Marks the ground next to the outline as near, and adds it to the band. Shadows hold no trace of the object. */
function surround(
  { picture: { factor, width, full }, regions }: OpaqueAnalysis,
  depths: Uint8Array,
  band: number[],
  outline: number,
): void {
  const around = neighboursOf(full.width);
  const isSoft = (at: number): boolean => {
    const x = at % full.width;
    const y = (at - x) / full.width;
    return regions[Math.floor(y / factor) * width + Math.floor(x / factor)] === region.soft;
  };
  let [first, last] = [0, outline];
  for (let step = 0; step < outerDepth; step++) {
    const start = band.length;
    for (let index = first; index < last; index++)
      for (let side = 0; side < around.length; side++) {
        const next = band[index]! + around[side]!;
        if (depths[next] !== depthOf.outside || isSoft(next)) continue;
        depths[next] = depthOf.near;
        band.push(next);
      }
    [first, last] = [start, band.length];
  }
}
