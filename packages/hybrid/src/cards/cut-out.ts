import type { OpaqueAnalysis } from './analyse-picture.ts';
import { surfaceAt } from './ground-model.ts';
import { region } from './regions.ts';

/** Pixels from the outline inwards that may be mixed with the ground. */
const mixedDepth = 4;
/** Pixels from the outline outwards that may hold a trace of the object. */
const outerDepth = 2;
/** How far the pure colour of an object may be taken from, in pixels. */
const colorReach = 6;
/** Below and above these, alpha is nothing and everything: what compression leaves at an edge is no object. */
const [leastAlpha, mostAlpha] = [0.08, 0.94];

/** Values of the map of the object's outline; larger ones count pixels from the outline inwards. */
const [outside, near] = [0, 255];

/**
 * Cuts the object out: RGBA of the picture's size, fully transparent where there is no object. At the outline a pixel is a
 * mixture of object and ground; how much of it is object follows from the object's pure colour a little further in and the
 * ground's colour behind, and the ground's part is taken out of its colour, so that no halo is left.
 */
export function cutOut(analysis: OpaqueAnalysis): Uint8Array<ArrayBuffer> {
  const { picture, regions, components, object } = analysis;
  const { width, pixels } = picture;
  const depths = new Uint8Array(regions.length);
  const result = new Uint8Array(pixels.length);
  for (let run = 0; run < components.runCount; run++) {
    if (object.kept[components.labels[run]!] !== 1) continue;
    depths.fill(mixedDepth + 1, components.starts[run], components.ends[run]);
  }
  const outline = measureDepths(depths, width);
  const band = [...outline, ...surround(depths, regions, outline, width)];
  const sources = nearestCores(analysis, depths, band);
  for (let at = 0, out = 0; at < depths.length; at++, out += 4) {
    const depth = depths[at];
    if (depth === outside || depth === near) continue;
    result[out] = pixels[out]!;
    result[out + 1] = pixels[out + 1]!;
    result[out + 2] = pixels[out + 2]!;
    result[out + 3] = 255;
  }
  for (const at of band)
    writeMixed(analysis, depths, at, sources.get(at) ?? strongestNearby(analysis, depths, at), result);
  return result;
}

/** Counts object pixels from the outline inwards, up to `mixedDepth`; returns them. What lies deeper keeps its value. */
function measureDepths(depths: Uint8Array, width: number): number[] {
  const found: number[] = [];
  const deep = mixedDepth + 1;
  for (let at = 0; at < depths.length; at++) {
    if (depths[at] !== deep) continue;
    if (hasNeighbour(depths, width, at, (value) => value === outside)) found.push(at);
  }
  for (const at of found) depths[at] = 1;
  for (let head = 0; head < found.length; head++) {
    const at = found[head]!;
    const depth = depths[at]!;
    if (depth >= mixedDepth) break;
    forEachNeighbour(depths, width, at, (next) => {
      if (depths[next] !== deep) return;
      depths[next] = depth + 1;
      found.push(next);
    });
  }
  return found;
}

/** Marks the ground pixels next to the outline as near, and returns them. Shadows have no trace of the object. */
function surround(depths: Uint8Array, regions: Uint8Array, outline: readonly number[], width: number): number[] {
  const found: number[] = [];
  let level: readonly number[] = outline.filter((at) => depths[at] === 1);
  for (let step = 0; step < outerDepth; step++) {
    const next: number[] = [];
    for (const at of level)
      forEachNeighbour(depths, width, at, (beside) => {
        if (depths[beside] !== outside || regions[beside] === region.soft) return;
        depths[beside] = near;
        next.push(beside);
      });
    found.push(...next);
    level = next;
  }
  return found;
}

/** For each pixel of the band, the nearest pixel that is surely nothing but object; none for parts that are too thin. */
function nearestCores(
  { picture, distances, ground }: OpaqueAnalysis,
  depths: Uint8Array,
  band: readonly number[],
): Map<number, number> {
  const strong = Math.max(24, ground.threshold * 1.5);
  const { width } = picture;
  const isCore = (at: number): boolean => {
    const depth = depths[at]!;
    if (depth === outside || depth === near) return false;
    if (depth > mixedDepth) return true;
    return (
      depth >= 3 && distances[at]! >= strong && !hasNeighbour(depths, width, at, (_, next) => distances[next]! < strong)
    );
  };
  const sources = new Map<number, number>();
  const inBand = new Set(band);
  let level: number[] = [];
  for (const at of band) {
    if (isCore(at)) {
      sources.set(at, at);
      level.push(at);
      continue;
    }
    forEachNeighbour(depths, width, at, (next) => {
      if (sources.has(at) || inBand.has(next) || !isCore(next)) return;
      sources.set(at, next);
      level.push(at);
    });
  }
  for (let step = 0; step < colorReach && level.length > 0; step++) {
    const following: number[] = [];
    for (const at of level)
      forEachNeighbour(depths, width, at, (next) => {
        if (!inBand.has(next) || sources.has(next)) return;
        sources.set(next, sources.get(at)!);
        following.push(next);
      });
    level = following;
  }
  return sources;
}

/** The pixel within two pixels that differs most from the ground: the best guess at the colour of a thin part. */
function strongestNearby({ picture, distances }: OpaqueAnalysis, depths: Uint8Array, at: number): number {
  const { width, height } = picture;
  const [x, y] = [at % width, Math.floor(at / width)];
  let best = at;
  for (let row = Math.max(0, y - 2); row <= Math.min(height - 1, y + 2); row++)
    for (let column = Math.max(0, x - 2); column <= Math.min(width - 1, x + 2); column++) {
      const next = row * width + column;
      const depth = depths[next]!;
      if (depth !== outside && depth !== near && distances[next]! > distances[best]!) best = next;
    }
  return best;
}

function writeMixed(
  { picture, ground }: OpaqueAnalysis,
  depths: Uint8Array,
  at: number,
  source: number,
  result: Uint8Array,
): void {
  const { width, height, pixels } = picture;
  const depth = depths[at]!;
  const x = (((at % width) + 0.5) * 2) / width - 1;
  const y = ((Math.floor(at / width) + 0.5) * 2) / height - 1;
  const behind = [0, 1, 2].map((channel) => surfaceAt(ground.surface, channel, x, y));
  let [dot, length] = [0, 0];
  for (let channel = 0; channel < 3; channel++) {
    const whole = pixels[source * 4 + channel]! - behind[channel]!;
    dot += whole * (pixels[at * 4 + channel]! - behind[channel]!);
    length += whole * whole;
  }
  let alpha = length === 0 ? 1 : Math.min(1, Math.max(0, dot / length));
  if (alpha > mostAlpha || (depth !== near && depth >= 3 && alpha > 0.6)) alpha = 1;
  const out = at * 4;
  if (alpha < leastAlpha) {
    result.fill(0, out, out + 4);
    return;
  }
  // The fainter the pixel, the more its own colour is noise: lean on the pure colour.
  const own = alpha >= 0.8 ? 1 : Math.max(0, (alpha - 0.3) / 0.5);
  for (let channel = 0; channel < 3; channel++) {
    const pure = pixels[source * 4 + channel]!;
    const unmixed = behind[channel]! + (pixels[out + channel]! - behind[channel]!) / alpha;
    const color = own * Math.min(255, Math.max(0, unmixed)) + (1 - own) * pure;
    result[out + channel] = Math.round(color);
  }
  result[out + 3] = Math.round(alpha * 255);
}

function forEachNeighbour(map: Uint8Array, width: number, at: number, visit: (next: number) => void): void {
  const x = at % width;
  const [first, last] = [x > 0 ? -1 : 0, x < width - 1 ? 1 : 0];
  for (let row = at - width; row <= at + width; row += width) {
    if (row < 0 || row >= map.length) continue;
    for (let offset = first; offset <= last; offset++) if (row + offset !== at) visit(row + offset);
  }
}

function hasNeighbour(
  map: Uint8Array,
  width: number,
  at: number,
  holds: (value: number, next: number) => boolean,
): boolean {
  const x = at % width;
  const [first, last] = [x > 0 ? -1 : 0, x < width - 1 ? 1 : 0];
  for (let row = at - width; row <= at + width; row += width) {
    if (row < 0 || row >= map.length) continue;
    for (let offset = first; offset <= last; offset++)
      if (row + offset !== at && holds(map[row + offset]!, row + offset)) return true;
  }
  return false;
}
