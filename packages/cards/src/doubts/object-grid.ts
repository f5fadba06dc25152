import type { PictureAnalysis } from '../analyse-picture.ts';
import { surfaceAt } from '../ground/fit-surface.ts';

/** The object and a little ground around it, in about `cellsAlong` cells along its longest side: enough for its masses. */
export interface ObjectGrid {
  readonly width: number;
  readonly height: number;
  /** Share of a cell that is object, from 0 to 1. */
  readonly cover: Float32Array;
  /** Mean red, green, blue by cell. */
  readonly colors: Float32Array;
  /** The ground's colour behind a cell; absent if the ground is transparent. */
  readonly ground?: Float32Array;
  /** Levels by which a cell's colour may differ by grain alone. */
  readonly grain: number;
}

const cellsAlong = 96;
/** Cells of ground on each side. */
const rim = 2;
/** Samples of a cell across and down: more cost more and say little. */
const samples = 3;

/** Samples the object's surroundings; undefined if nothing stands out. */
export function gridOf(analysis: PictureAnalysis): ObjectGrid | undefined {
  const { picture, object } = analysis;
  const { box } = object;
  if (box === undefined) return undefined;
  const cell = Math.max(1, Math.max(box.right - box.left, box.bottom - box.top) / cellsAlong);
  const [left, top] = [box.left - rim * cell, box.top - rim * cell];
  const width = Math.ceil((box.right - left) / cell) + rim;
  const height = Math.ceil((box.bottom - top) / cell) + rim;
  const kept = keptPixels(analysis);
  const cover = new Float32Array(width * height);
  const colors = new Float32Array(width * height * 3);
  const ground = analysis.kind === 'opaque' ? new Float32Array(width * height * 3) : undefined;
  const across = samplesAlong(left, cell, width, picture.width);
  const down = samplesAlong(top, cell, height, picture.height);
  // Row by row: V8 compiles what is called often once, and a long loop again and again.
  for (let row = 0; row < height; row++) {
    sampleRow(picture.pixels, kept, picture.width, across, down, row, width, cover, colors);
    if (analysis.kind !== 'opaque' || ground === undefined) continue;
    for (let column = 0, to = row * width * 3; column < width; column++, to += 3) {
      const x = ((left + (column + 0.5) * cell) * 2) / picture.width - 1;
      const y = ((top + (row + 0.5) * cell) * 2) / picture.height - 1;
      for (let channel = 0; channel < 3; channel++)
        ground[to + channel] = surfaceAt(analysis.ground.surface, channel, x, y);
    }
  }
  const grain = analysis.kind === 'opaque' ? analysis.ground.grain / Math.min(samples, cell) : 0;
  return { width, height, cover, colors, grain, ...(ground === undefined ? {} : { ground }) };
}

/** Samples the cells of a row. */
function sampleRow(
  pixels: Uint8Array,
  kept: Uint8Array,
  stride: number,
  across: Int32Array,
  down: Int32Array,
  row: number,
  width: number,
  cover: Float32Array,
  colors: Float32Array,
): void {
  const count = samples * samples;
  for (let column = 0, to = row * width; column < width; column++, to++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let inside = 0;
    for (let y = row * samples; y < (row + 1) * samples; y++) {
      for (let x = column * samples; x < (column + 1) * samples; x++) {
        const at = down[y]! * stride + across[x]!;
        red += pixels[at * 4]!;
        green += pixels[at * 4 + 1]!;
        blue += pixels[at * 4 + 2]!;
        inside += kept[at]!;
      }
    }
    cover[to] = inside / count;
    colors[to * 3] = red / count;
    colors[to * 3 + 1] = green / count;
    colors[to * 3 + 2] = blue / count;
  }
}

/** In one direction, the pixels that are sampled: `samples` in each cell, those beyond the frame on its edge. */
function samplesAlong(first: number, cell: number, cells: number, side: number): Int32Array {
  return Int32Array.from({ length: cells * samples }, (_, index) => {
    const at = first + (Math.floor(index / samples) + ((index % samples) + 0.5) / samples) * cell;
    return Math.min(side - 1, Math.max(0, Math.floor(at)));
  });
}

/** 1 by pixel of the object, loose parts included. */
function keptPixels({ picture, object, components }: PictureAnalysis): Uint8Array {
  const kept = new Uint8Array(picture.width * picture.height);
  const { starts, ends, labels, runCount } = components;
  for (let run = 0; run < runCount; run++) if (object.kept[labels[run]!] === 1) kept.fill(1, starts[run]!, ends[run]!);
  return kept;
}
