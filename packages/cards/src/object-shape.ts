import type { Box, Components } from './components.ts';
import { boxOf, unite } from './components.ts';

/** The object of a card among the regions that stand out. */
export interface ObjectShape {
  /** Around all kept parts; undefined if nothing stands out. */
  readonly box: Box | undefined;
  /** Of all kept parts, in pixels. */
  readonly area: number;
  /** 1 by component where it belongs to the object. */
  readonly kept: Uint8Array;
  /** How many separate things there are, the object included; much grain counts as one. */
  readonly things: number;
  /** Pixels of grain: regions too small to be anything. */
  readonly grain: number;
  /** Nearest distance of anything but grain to the frame's border, in pixels. */
  readonly margin: number;
}

/** Grain of at least this share of the frame counts as one more thing: loose pieces. */
const grainLimit = 0.005;
/** Regions below this share of the frame are grain. */
const grainShare = 0.00005;
/** A separate region of at least this share of the main one's area is another object. */
const otherObjectShare = 0.02;
/** A loose part may lie this far outside the main part's box, as a share of the frame. */
const looseReach = 0.01;

/**
 * The largest region is the object. Small loose parts inside its box (the links of a chain, the strings of a harp) belong
 * to it; what is larger, or lies elsewhere (a second object, a mark in a corner), is another thing.
 */
export function findObject(
  components: Components,
  { width, height }: { readonly width: number; readonly height: number },
): ObjectShape {
  const kept = new Uint8Array(components.count);
  const main = components.areas.indexOf(components.areas.reduce((most, area) => Math.max(most, area), 0));
  if (main < 0) return { box: undefined, area: 0, kept, things: 0, grain: 0, margin: 0 };
  const smallest = Math.max(4, width * height * grainShare);
  const mainArea = components.areas[main]!;
  const mainBox = boxOf(components, main);
  const reach = Math.max(width, height) * looseReach;
  let shape = { box: mainBox, area: mainArea, things: 1, grain: 0, margin: marginOf(mainBox, width, height) };
  kept[main] = 1;
  for (let label = 0; label < components.count; label++) {
    if (label === main) continue;
    const area = components.areas[label]!;
    if (area < smallest) {
      shape.grain += area;
      continue;
    }
    const box = boxOf(components, label);
    shape.margin = Math.min(shape.margin, marginOf(box, width, height));
    const loose = area < otherObjectShare * mainArea && isWithin(box, mainBox, reach);
    if (!loose) {
      shape.things += 1;
      continue;
    }
    kept[label] = 1;
    shape = { ...shape, box: unite(shape.box, box), area: shape.area + area };
  }
  const things = shape.things + (shape.grain > width * height * grainLimit ? 1 : 0);
  return { ...shape, things, kept };
}

function marginOf({ left, top, right, bottom }: Box, width: number, height: number): number {
  return Math.min(left, top, width - right, height - bottom);
}

function isWithin(inner: Box, outer: Box, reach: number): boolean {
  return (
    inner.left >= outer.left - reach &&
    inner.top >= outer.top - reach &&
    inner.right <= outer.right + reach &&
    inner.bottom <= outer.bottom + reach
  );
}
