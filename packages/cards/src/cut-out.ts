import type { OpaqueAnalysis } from './analyse-picture.ts';
import type { Box } from './components.ts';
import { surfaceAt } from './ground/fit-surface.ts';
import { wordsOf } from './block-sums.ts';
import type { Outline } from './outline-depths.ts';
import { depthOf, findOutline, mixedDepth } from './outline-depths.ts';
import type { Raster } from './picture.ts';

/** How far away a pixel's pure object colour is looked for, in pixels. */
const colorReach = 8;
/** Alpha outside these limits becomes 0 or 255: what compression leaves at an edge does not belong to the object. */
const [leastAlpha, mostAlpha] = [0.08, 0.94];
/** A thin part differs from the ground by at least this share of what the object differs by; compression leaves less. */
const faintest = 0.2;

/** Pixels of the band that are looked at in one call. */
const slice = 512;

/** Pixels of which one part is wanted. */
export interface Cutting extends Raster {
  readonly window: Box;
}

/**
 * Cuts the object out of the full picture, in place: its window becomes fully transparent where there is no object. At the
 * outline a pixel is a mixture of object and ground; how much of it is object follows from the object's pure colour a little
 * further in and the ground's colour behind, and the ground's part is taken out of its colour, so that no halo is left.
 */
export function cutOut(analysis: OpaqueAnalysis): Cutting {
  const outline = findOutline(analysis);
  const { full } = analysis.picture;
  const { window, depths, band } = outline;
  const { pixels } = full;
  const sources = nearestCores(analysis, outline);
  const least = faintest * meanDistance(full, outline);
  clearAlpha(pixels, band);
  // Colours are read until the last pixel is unmixed, so that they are replaced at the end. Alpha is read from nowhere else.
  const colors = new Uint8Array(band.length * 3);
  for (let start = 0; start < band.length; start += slice)
    unmixSlice(analysis, outline, sources, least, colors, start, Math.min(band.length, start + slice));
  replaceColors(pixels, band, colors);
  const words = wordsOf(full);
  for (let y = window.top; y < window.bottom; y++) {
    const row = y * full.width;
    finishRow(pixels, words, depths, row + window.left, row + window.right);
  }
  return { ...full, window };
}

function clearAlpha(pixels: Uint8Array, band: readonly number[]): void {
  for (let index = 0; index < band.length; index++) pixels[band[index]! * 4 + 3] = 0;
}

/** Unmixes some pixels of the band. */
function unmixSlice(
  analysis: OpaqueAnalysis,
  outline: Outline,
  sources: Uint16Array,
  least: number,
  colors: Uint8Array,
  start: number,
  end: number,
): void {
  for (let index = start; index < end; index++) {
    const at = outline.band[index]!;
    const hasCore = sources[at]! !== noSource;
    const source = hasCore ? at + sources[at]! - zeroOffset : strongestNearby(analysis.picture.full, outline, at);
    if (hasCore || outline.distances[source]! >= least) unmix(analysis, outline, at, source, colors, index * 3);
  }
}

function replaceColors(pixels: Uint8Array, band: readonly number[], colors: Uint8Array): void {
  for (let index = 0; index < band.length; index++) {
    const to = band[index]! * 4;
    pixels[to] = colors[index * 3]!;
    pixels[to + 1] = colors[index * 3 + 1]!;
    pixels[to + 2] = colors[index * 3 + 2]!;
  }
}

/** Makes what lies outside transparent, and what lies deep inside opaque. */
function finishRow(pixels: Uint8Array, words: Int32Array, depths: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    const depth = depths[at];
    if (depth === depthOf.outside) words[at] = 0;
    else if (depth === depthOf.deep) pixels[at * 4 + 3] = 255;
  }
}

/** Mean distance of the object's inner pixels from the ground; each third line says it. */
function meanDistance({ width }: Raster, { window, depths, distances }: Outline): number {
  const found = { sum: 0, deep: 0 };
  for (let y = window.top; y < window.bottom; y += 3)
    addDistances(depths, distances, y * width + window.left, y * width + window.right, found);
  return found.sum / Math.max(1, found.deep);
}

function addDistances(
  depths: Uint8Array,
  distances: Uint8Array,
  start: number,
  end: number,
  to: { sum: number; deep: number },
): void {
  for (let at = start; at < end; at++) {
    if (depths[at] !== depthOf.deep) continue;
    to.sum += distances[at]!;
    to.deep += 1;
  }
}

/** Where the colour of a pixel comes from: the way to that pixel more than this, which is longer than any way. */
const zeroOffset = 32_768;
const noSource = 0;

/** For each pixel of the band, the way to the nearest one that is surely nothing but object; none for thin parts. */
function nearestCores({ ground }: OpaqueAnalysis, outline: Outline): Uint16Array {
  const sources = new Uint16Array(outline.depths.length);
  const strong = Math.max(24, ground.fullThreshold * 1.5);
  const rise = Math.max(8, 3 * ground.fullGrain);
  const { band } = outline;
  let level: number[] = [];
  for (let start = 0; start < band.length; start += slice)
    startAtCores(outline, sources, strong, rise, start, Math.min(band.length, start + slice), level);
  for (let start = 0; start < band.length; start += slice)
    startBesideCores(outline, sources, start, Math.min(band.length, start + slice), level);
  for (let step = 0; step < colorReach && level.length > 0; step++) level = spread(outline, sources, level);
  return sources;
}

function startAtCores(
  outline: Outline,
  sources: Uint16Array,
  strong: number,
  rise: number,
  start: number,
  end: number,
  found: number[],
): void {
  for (let index = start; index < end; index++) {
    const at = outline.band[index]!;
    if (!isCore(outline, at, strong, rise)) continue;
    sources[at] = zeroOffset;
    found.push(at);
  }
}

function isCore({ depths, distances, around }: Outline, at: number, strong: number, rise: number): boolean {
  const depth = depths[at]!;
  const distance = distances[at]!;
  if (depth < 3 || depth > mixedDepth || distance < strong) return false;
  // On the slope of a soft edge the distance still rises.
  const highest = distance + Math.max(rise, 0.1 * distance);
  for (let side = 0; side < around.length; side++) {
    const beside = distances[at + around[side]!]!;
    if (beside < strong || beside > highest) return false;
  }
  return true;
}

/** Adds what lies beside a core, or beside the deep inside. */
function startBesideCores(
  { depths, band, around }: Outline,
  sources: Uint16Array,
  start: number,
  end: number,
  found: number[],
): void {
  for (let index = start; index < end; index++) {
    const at = band[index]!;
    const depth = depths[at]!;
    if (sources[at] !== noSource || depth < 2 || depth > mixedDepth) continue;
    for (let side = 0; side < around.length; side++) {
      const offset = around[side]!;
      const next = at + offset;
      if (depths[next] !== depthOf.deep && sources[next] !== zeroOffset) continue;
      sources[at] = zeroOffset + offset;
      found.push(at);
      break;
    }
  }
}

/** One step further: the neighbours that have no source yet. */
function spread({ depths, around }: Outline, sources: Uint16Array, level: readonly number[]): number[] {
  const found: number[] = [];
  for (let index = 0; index < level.length; index++) {
    const at = level[index]!;
    for (let side = 0; side < around.length; side++) {
      const offset = around[side]!;
      const next = at + offset;
      const depth = depths[next]!;
      if (sources[next] !== noSource || depth === depthOf.outside || depth === depthOf.deep) continue;
      sources[next] = sources[at]! - offset;
      found.push(next);
    }
  }
  return found;
}

/** The pixel within two pixels that differs most from the ground: the best guess at the colour of a thin part. */
function strongestNearby({ width, height }: Raster, { depths, distances }: Outline, at: number): number {
  const x = at % width;
  const y = (at - x) / width;
  let best = at;
  for (let row = Math.max(0, y - 2); row <= Math.min(height - 1, y + 2); row++)
    for (let column = Math.max(0, x - 2); column <= Math.min(width - 1, x + 2); column++) {
      const next = row * width + column;
      const depth = depths[next];
      if (depth !== depthOf.outside && depth !== depthOf.near && distances[next]! > distances[best]!) best = next;
    }
  return best;
}

/** Finds what a pixel of the outline is without the ground: writes its alpha, and its colour into `colors`. */
function unmix(
  { picture: { full }, ground: { surface } }: OpaqueAnalysis,
  outline: Outline,
  at: number,
  source: number,
  colors: Uint8Array,
  to: number,
): void {
  const { width, height, pixels } = full;
  const depth = outline.depths[at]!;
  const x = (((at % width) + 0.5) * 2) / width - 1;
  const y = ((Math.floor(at / width) + 0.5) * 2) / height - 1;
  const out = at * 4;
  let dot = 0;
  let length = 0;
  for (let channel = 0; channel < 3; channel++) {
    const level = surfaceAt(surface, channel, x, y);
    const whole = pixels[source * 4 + channel]! - level;
    dot += whole * (pixels[out + channel]! - level);
    length += whole * whole;
  }
  let alpha = length === 0 ? 1 : Math.min(1, Math.max(0, dot / length));
  if (alpha > mostAlpha) alpha = 1;
  else if (depth >= 3 && depth !== depthOf.near) {
    // So far inside, a colour nearer to the ground's is the object's own where the object is solid further outside, or
    // where it is near to the pure colour and not on the slope of a soft edge.
    const outside = alphaOutside(pixels, outline, at);
    if (outside === 255 || (alpha > 0.6 && outside >= alpha * 255)) alpha = 1;
  }
  if (alpha < leastAlpha) return;
  // The fainter the pixel, the more its own colour is noise: lean on the pure colour.
  const own = alpha >= 0.8 ? 1 : Math.max(0, (alpha - 0.3) / 0.5);
  for (let channel = 0; channel < 3; channel++) {
    const level = surfaceAt(surface, channel, x, y);
    const unmixed = level + (pixels[out + channel]! - level) / alpha;
    const color = own * Math.min(255, Math.max(0, unmixed)) + (1 - own) * pixels[source * 4 + channel]!;
    colors[to + channel] = Math.round(color);
  }
  pixels[out + 3] = Math.round(alpha * 255);
}

/** The highest alpha among the neighbours further outside, which are found already. */
function alphaOutside(pixels: Uint8Array, { depths, around }: Outline, at: number): number {
  const depth = depths[at]! - 1;
  let most = 0;
  for (let side = 0; side < around.length; side++) {
    const next = at + around[side]!;
    if (depths[next] === depth && pixels[next * 4 + 3]! > most) most = pixels[next * 4 + 3]!;
  }
  return most;
}
