import type { Components } from './components.ts';
import { boxOf } from './components.ts';
import { countOutline, crispRise } from './edge-quality.ts';
import type { GroundModel } from './ground/ground-model.ts';
import { surfaceAt } from './ground/fit-surface.ts';
import type { Picture } from './picture.ts';
import { region } from './regions.ts';

/** Smallest opening, as a share of the frame. */
const smallestShare = 0.00005;
/** The same on a ground that is nearly white: highlights and white details have the same colour by chance. */
const smallestShareOnWhite = 0.0005;
/** From this level on a ground counts as nearly white. */
const nearlyWhite = 250;
/** Levels that an opening's mean colour may be off the ground behind it. */
const colorTolerance = 2.5;
/** Share of an opening's outline that has to be crisp. */
const crispShare = 0.9;

/** Regions of the ground's colour that do not touch the border. */
export interface EnclosedRegions {
  /** How many of them are openings. */
  readonly openings: number;
  /** Area of the largest one, opening or not, in pixels; 0 = there is none. */
  readonly largestArea: number;
  readonly largestIsOpening: boolean;
}

/**
 * Ground-coloured regions that touch the border are ground. An enclosed one is an opening of the object (the handle of a
 * cup, the back of a chair) when it cannot be told from the ground behind it: same mean colour, no more texture, a crisp
 * outline, and not tiny. Otherwise it is a part of the object that merely comes close to the ground's colour (the middle of
 * a white plate, a highlight) and stays opaque. Writes what it finds into the map.
 */
export function sortGroundRegions(
  picture: Picture,
  model: GroundModel,
  distances: Uint8Array,
  components: Components,
  regions: Uint8Array,
): EnclosedRegions {
  const { width, height } = picture;
  const isWhite = Math.min(...model.color) >= nearlyWhite;
  const smallest = Math.max(9, width * height * (isWhite ? smallestShareOnWhite : smallestShare));
  const values = new Uint8Array(components.count);
  const candidates = new Set<number>();
  let largest = -1;
  for (let label = 0; label < components.count; label++) {
    const { left, top, right, bottom } = boxOf(components, label);
    if (left === 0 || top === 0 || right === width || bottom === height) {
      values[label] = region.ground;
      continue;
    }
    const area = components.areas[label]!;
    if (largest < 0 || area > components.areas[largest]!) largest = label;
    if (area >= smallest) candidates.add(label);
  }
  const openings = openingsAmong(picture, model, distances, components, regions, candidates);
  for (const label of openings) values[label] = region.opening;
  for (let run = 0; run < components.runCount; run++)
    regions.fill(values[components.labels[run]!]!, components.starts[run], components.ends[run]);
  return {
    openings: openings.length,
    largestArea: components.areas[largest] ?? 0,
    largestIsOpening: values[largest] === region.opening,
  };
}

/** How far the pixels of a region are off the ground behind them. */
interface Deviation {
  /** Sums by channel. */
  readonly off: [red: number, green: number, blue: number];
  /** Sum of the squares of all channels. */
  square: number;
}

function addRun(
  { width, height, pixels }: Picture,
  { surface }: GroundModel,
  start: number,
  end: number,
  to: Deviation,
): void {
  const y = ((Math.floor(start / width) + 0.5) * 2) / height - 1;
  for (let at = start; at < end; at++) {
    const x = (((at % width) + 0.5) * 2) / width - 1;
    for (let channel = 0; channel < 3; channel++) {
      const off = pixels[at * 4 + channel]! - surfaceAt(surface, channel, x, y);
      to.off[channel]! += off;
      to.square += off * off;
    }
  }
}

function openingsAmong(
  picture: Picture,
  model: GroundModel,
  distances: Uint8Array,
  components: Components,
  regions: Uint8Array,
  candidates: ReadonlySet<number>,
): number[] {
  const rise = crispRise(model);
  const measures = new Map(
    [...candidates].map((label) => [label, { off: [0, 0, 0] as Deviation['off'], square: 0, edges: 0, crisp: 0 }]),
  );
  for (let run = 0; run < components.runCount; run++) {
    const measure = measures.get(components.labels[run]!);
    if (measure === undefined) continue;
    const [start, end] = [components.starts[run]!, components.ends[run]!];
    addRun(picture, model, start, end, measure);
    countOutline(regions, distances, picture, start, end, rise, measure);
  }
  return [...measures].flatMap(([label, { off, square, edges, crisp }]) => {
    const area = components.areas[label]!;
    const mean = Math.max(...off.map((sum) => Math.abs(sum / area)));
    const spread = Math.sqrt(square / (3 * area));
    const same = mean <= colorTolerance + 0.25 * model.grain && spread <= 3 + 1.5 * model.noise;
    return same && crisp >= crispShare * edges ? [label] : [];
  });
}
