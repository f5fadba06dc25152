import type { Components } from './components.ts';
import { labelComponents } from './components.ts';
import { crispRise, faintLineLength, softEdgeShare } from './edge-quality.ts';
import type { GroundModel } from './ground/ground-model.ts';
import { distanceFromGround, fitGround } from './ground/ground-model.ts';
import type { ObjectShape } from './object-shape.ts';
import { findObject } from './object-shape.ts';
import { sortGroundRegions } from './openings.ts';
import type { Picture } from './picture.ts';
import { region } from './regions.ts';
import type { SoftShadow } from './ground/soft-shadow.ts';
import { takeOutSoftShadow } from './ground/soft-shadow.ts';

interface AnalysisBase {
  readonly picture: Picture;
  /** One of `region` for each pixel. */
  readonly regions: Uint8Array;
  readonly components: Components;
  readonly object: ObjectShape;
}

/** A picture whose own alpha says what the object is. */
export interface TransparentAnalysis extends AnalysisBase {
  readonly kind: 'transparent';
  /** Share of the object that is partly transparent, its edges not counted. */
  readonly translucentShare: number;
}

/** A picture on a ground; what stands out from it is the object. */
export interface OpaqueAnalysis extends AnalysisBase {
  readonly kind: 'opaque';
  readonly ground: GroundModel;
  /** Distance of each pixel from the ground, in levels. */
  readonly distances: Uint8Array;
  /** Number of places where the ground is seen through the object. */
  readonly openings: number;
  readonly shadow: SoftShadow;
  /** Share of the object's outline that fades into the ground. */
  readonly softEdges: number;
  /** Length of faint lines in the ground, in multiples of the frame's shorter side. */
  readonly faintLines: number;
  /** The largest region of the ground's colour inside the object, as a share of the object with it. */
  readonly enclosedShare: number;
}

/** The measurements of a card, before any verdict. */
export type PictureAnalysis = TransparentAnalysis | OpaqueAnalysis;

/** Alpha from which on a pixel belongs to the object. */
export const objectAlpha = 128;

/** A picture with a smaller share of fully transparent pixels counts as opaque. */
export const leastTransparentShare = 0.02;

/** Finds ground, openings, shadow and object. Uses the alpha channel unless it is opaque. */
export function analysePicture(picture: Picture): PictureAnalysis {
  return picture.transparentShare >= leastTransparentShare ? analyseTransparent(picture) : analyseOpaque(picture);
}

/** Below the first alpha a pixel counts as transparent, from the second on as opaque. */
const [leastAlpha, mostAlpha] = [16, 240];
/** Width of an edge in pixels. Edges of an enlarged picture are wider, but lead from transparent to opaque. */
const [edgeWidth, widestEdge] = [2, 6];

function analyseTransparent(picture: Picture): TransparentAnalysis {
  const { width, height, pixels } = picture;
  const regions = new Uint8Array(width * height);
  const found = { visible: 0, translucent: 0 };
  for (let y = 0; y < height; y++) sortByAlpha(pixels, width, height, y, regions, found);
  const components = labelComponents(regions, region.object, picture, true);
  return {
    kind: 'transparent',
    picture,
    regions,
    components,
    object: findObject(components, picture),
    translucentShare: found.translucent / Math.max(1, found.visible),
  };
}

function sortByAlpha(
  pixels: Uint8Array,
  width: number,
  height: number,
  y: number,
  regions: Uint8Array,
  found: { visible: number; translucent: number },
): void {
  for (let at = y * width; at < (y + 1) * width; at++) {
    const alpha = pixels[at * 4 + 3]!;
    regions[at] = alpha >= objectAlpha ? region.object : region.ground;
    if (alpha < leastAlpha) continue;
    found.visible += 1;
    if (alpha < mostAlpha && !isAtEdge(pixels, width, height, at)) found.translucent += 1;
  }
}

/** Whether a pixel lies at an edge: next to a transparent pixel, or near both a transparent and an opaque one. */
function isAtEdge(pixels: Uint8Array, width: number, height: number, at: number): boolean {
  const x = at % width;
  const y = (at - x) / width;
  let nothing = false;
  let everything = false;
  for (let reach = 1; reach <= widestEdge; reach++) {
    if (x < reach || y < reach || x >= width - reach || y >= height - reach) return reach <= edgeWidth;
    for (let offset = reach; offset <= reach * width; offset *= width) {
      const before = pixels[(at - offset) * 4 + 3]!;
      const after = pixels[(at + offset) * 4 + 3]!;
      nothing ||= before < leastAlpha || after < leastAlpha;
      everything ||= before >= mostAlpha || after >= mostAlpha;
    }
    if (nothing && (everything || reach <= edgeWidth)) return true;
  }
  return false;
}

/** What is further than `threshold` from the ground counts as object, until more is known. */
function standingOut(distances: Uint8Array, width: number, threshold: number): Uint8Array {
  const regions = new Uint8Array(distances.length);
  for (let start = 0; start < regions.length; start += width)
    sortByDistance(distances, start, start + width, threshold, regions);
  return regions;
}

function sortByDistance(
  distances: Uint8Array,
  start: number,
  end: number,
  threshold: number,
  regions: Uint8Array,
): void {
  for (let at = start; at < end; at++) regions[at] = distances[at]! <= threshold ? region.ground : region.object;
}

function analyseOpaque(picture: Picture): OpaqueAnalysis {
  const { width, height } = picture;
  const ground = fitGround(picture);
  const distances = distanceFromGround(picture, ground.surface, { left: 0, top: 0, right: width, bottom: height });
  const regions = standingOut(distances, width, ground.threshold);
  const groundColored = labelComponents(regions, region.ground, picture, false);
  const enclosed = sortGroundRegions(picture, ground, distances, groundColored, regions);
  const shadow = takeOutSoftShadow(picture, regions, ground);
  const components = labelComponents(regions, region.object, picture, true);
  const object = findObject(components, picture);
  return {
    kind: 'opaque',
    picture,
    regions,
    components,
    object,
    ground,
    distances,
    openings: enclosed.openings,
    shadow,
    softEdges: softEdgeShare(regions, distances, picture, components, object.kept, crispRise(ground)),
    faintLines: faintLineLength(picture, regions, ground.grain),
    enclosedShare:
      enclosed.largestArea / Math.max(1, object.area + (enclosed.largestIsOpening ? enclosed.largestArea : 0)),
  };
}
