import type { PictureAnalysis } from './analyse-picture.ts';
import { region } from './regions.ts';

/** Pixels from the outline inwards that may be mixed with the ground. */
export const mixedDepth = 6;
/** Pixels from the outline outwards that may hold a trace of the object. */
const outerDepth = 2;

/** Values of a depth map besides 1 to `mixedDepth`, which count pixels from the outline inwards. */
export const depthOf = { outside: 0, deep: 7, near: 255 } as const;

/** The position of each pixel relative to the object's outline. */
export interface OutlineDepths {
  /** One of `depthOf`, or the depth, for each pixel. */
  readonly depths: Uint8Array;
  /** The pixels of the outline, inside by rising depth, then outside. */
  readonly band: readonly number[];
}

export function measureDepths({ picture, regions, components, object }: PictureAnalysis): OutlineDepths {
  const { width } = picture;
  const depths = new Uint8Array(regions.length);
  const kept: number[] = [];
  for (let run = 0; run < components.runCount; run++) {
    if (object.kept[components.labels[run]!] !== 1) continue;
    kept.push(run);
    depths.fill(depthOf.deep, components.starts[run], components.ends[run]);
  }
  const band: number[] = [];
  for (const run of kept) {
    const [start, end] = [components.starts[run]!, components.ends[run]!];
    for (let at = start; at < end; at++) {
      // A run ends where the object does.
      if (
        at === start ||
        at === end - 1 ||
        depths[at - width] === depthOf.outside ||
        depths[at + width] === depthOf.outside ||
        depths[at - width - 1] === depthOf.outside ||
        depths[at - width + 1] === depthOf.outside ||
        depths[at + width - 1] === depthOf.outside ||
        depths[at + width + 1] === depthOf.outside
      )
        band.push(at);
    }
  }
  for (const at of band) depths[at] = 1;
  const outline = band.length;
  for (let head = 0; head < band.length; head++) {
    const depth = depths[band[head]!]! + 1;
    if (depth > mixedDepth) break;
    forEachNeighbour(depths.length, width, band[head]!, (next) => {
      if (depths[next] !== depthOf.deep) return;
      depths[next] = depth;
      band.push(next);
    });
  }
  surround(depths, regions, width, band, outline);
  return { depths, band };
}

/** Marks the ground next to the outline as near, and adds it to the band. Shadows hold no trace of the object. */
function surround(depths: Uint8Array, regions: Uint8Array, width: number, band: number[], outline: number): void {
  let [first, last] = [0, outline];
  for (let step = 0; step < outerDepth; step++) {
    const start = band.length;
    for (let index = first; index < last; index++)
      forEachNeighbour(depths.length, width, band[index]!, (next) => {
        if (depths[next] !== depthOf.outside || regions[next] === region.soft) return;
        depths[next] = depthOf.near;
        band.push(next);
      });
    [first, last] = [start, band.length];
  }
}

/** Calls back for the up to eight pixels around one. */
export function forEachNeighbour(size: number, width: number, at: number, visit: (next: number) => void): void {
  const x = at % width;
  const [first, last] = [x > 0 ? -1 : 0, x < width - 1 ? 1 : 0];
  for (let row = at - width; row <= at + width; row += width) {
    if (row < 0 || row >= size) continue;
    for (let offset = first; offset <= last; offset++) if (row + offset !== at) visit(row + offset);
  }
}
