import type { OpaqueAnalysis } from './analyse-picture.ts';
import { surfaceAt } from './fit-surface.ts';
import type { OutlineDepths } from './outline-depths.ts';
import { depthOf, forEachNeighbour, measureDepths, mixedDepth } from './outline-depths.ts';

/** How far away a pixel's pure object colour is looked for, in pixels. */
const colorReach = 8;
/** Alpha outside these limits becomes 0 or 255: what compression leaves at an edge does not belong to the object. */
const [leastAlpha, mostAlpha] = [0.08, 0.94];
/** A thin part differs from the ground by at least this share of what the object differs by; compression leaves less. */
const faintest = 0.2;

/**
 * Cuts the object out: RGBA of the picture's size, fully transparent where there is no object. At the outline a pixel is a
 * mixture of object and ground; how much of it is object follows from the object's pure colour a little further in and the
 * ground's colour behind, and the ground's part is removed from its colour, so that there is no halo.
 */
export function cutOut(analysis: OpaqueAnalysis): Uint8Array<ArrayBuffer> {
  const { picture, distances } = analysis;
  const { pixels } = picture;
  const outline = measureDepths(analysis);
  const { depths, band } = outline;
  const sources = nearestCores(analysis, outline);
  const result = new Uint8Array(pixels.length);
  let [distanceSum, deep] = [0, 0];
  for (let at = 0, out = 0; at < depths.length; at++, out += 4) {
    if (depths[at] !== depthOf.deep) continue;
    distanceSum += distances[at]!;
    deep += 1;
    result[out] = pixels[out]!;
    result[out + 1] = pixels[out + 1]!;
    result[out + 2] = pixels[out + 2]!;
    result[out + 3] = 255;
  }
  const least = (faintest * distanceSum) / Math.max(1, deep);
  for (const at of band) {
    const core = sources[at]!;
    const source = core >= 0 ? core : strongestNearby(analysis, depths, at);
    if (core >= 0 || distances[source]! >= least) writeMixed(analysis, depths, at, source, result);
  }
  return result;
}

/** For each pixel of the band, the nearest pixel that is certainly pure object; -1 for parts that are too thin. */
function nearestCores({ picture, distances, ground }: OpaqueAnalysis, { depths, band }: OutlineDepths): Int32Array {
  const { width } = picture;
  const size = depths.length;
  const strong = Math.max(24, ground.threshold * 1.5);
  const isCore = (at: number): boolean => {
    const [depth, distance] = [depths[at]!, distances[at]!];
    if (depth === depthOf.deep) return true;
    if (depth < 3 || depth > mixedDepth || distance < strong) return false;
    // On the slope of a soft edge the distance still rises.
    const flat = Math.max(8, 3 * ground.grain, 0.1 * distance);
    let isFlat = true;
    forEachNeighbour(size, width, at, (next) => {
      if (distances[next]! < strong || distances[next]! > distance + flat) isFlat = false;
    });
    return isFlat;
  };
  const sources = new Int32Array(size).fill(-1);
  let level: number[] = [];
  for (const at of band) {
    const depth = depths[at]!;
    // Only from here inwards a pixel may be, or touch, a core.
    if (depth === depthOf.near || depth < 2) continue;
    if (isCore(at)) sources[at] = at;
    else
      forEachNeighbour(size, width, at, (next) => {
        if (sources[at] === -1 && isCore(next)) sources[at] = next;
      });
    if (sources[at] !== -1) level.push(at);
  }
  for (let step = 0; step < colorReach && level.length > 0; step++) {
    const following: number[] = [];
    for (const at of level)
      forEachNeighbour(size, width, at, (next) => {
        const depth = depths[next]!;
        if (sources[next] !== -1 || depth === depthOf.outside || depth === depthOf.deep) return;
        sources[next] = sources[at]!;
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
      const depth = depths[next];
      if (depth !== depthOf.outside && depth !== depthOf.near && distances[next]! > distances[best]!) best = next;
    }
  return best;
}

/** Writes a pixel of the outline without the ground's share of its colour. */
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
  const out = at * 4;
  const behind = [0, 0, 0];
  let [dot, length] = [0, 0];
  for (let channel = 0; channel < 3; channel++) {
    const level = surfaceAt(ground.surface, channel, x, y);
    behind[channel] = level;
    const whole = pixels[source * 4 + channel]! - level;
    dot += whole * (pixels[out + channel]! - level);
    length += whole * whole;
  }
  let alpha = length === 0 ? 1 : Math.min(1, Math.max(0, dot / length));
  if (alpha > mostAlpha) alpha = 1;
  else if (depth >= 3 && depth !== depthOf.near) {
    // So far inside, a colour nearer to the ground's is the object's own where the object is solid further outside, or
    // where it is near to the pure colour and not on the slope of a soft edge.
    const outside = alphaOutside(depths, width, at, result);
    if (outside === 255 || (alpha > 0.6 && outside >= alpha * 255)) alpha = 1;
  }
  if (alpha < leastAlpha) return;
  // The fainter the pixel, the more its own colour is noise: lean on the pure colour.
  const own = alpha >= 0.8 ? 1 : Math.max(0, (alpha - 0.3) / 0.5);
  for (let channel = 0; channel < 3; channel++) {
    const unmixed = behind[channel]! + (pixels[out + channel]! - behind[channel]!) / alpha;
    const color = own * Math.min(255, Math.max(0, unmixed)) + (1 - own) * pixels[source * 4 + channel]!;
    result[out + channel] = Math.round(color);
  }
  result[out + 3] = Math.round(alpha * 255);
}

/** The highest alpha among the neighbours further outside, which are written already. */
function alphaOutside(depths: Uint8Array, width: number, at: number, result: Uint8Array): number {
  const depth = depths[at]! - 1;
  let most = 0;
  forEachNeighbour(depths.length, width, at, (next) => {
    if (depths[next] === depth) most = Math.max(most, result[next * 4 + 3]!);
  });
  return most;
}
