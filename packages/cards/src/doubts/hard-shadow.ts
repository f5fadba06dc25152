import type { ObjectGrid } from './object-grid.ts';

/** A shadow keeps this much of the ground's light, from least to most. */
const [darkest, lightest] = [0.3, 0.95];
/** Levels by which a shadow's hue may differ from the ground's. */
const hueTolerance = 5;
/** Light may differ by this much from cell to cell, and deviate by this much within the whole shadow. */
const [step, deviation] = [0.02, 0.014];
/** A smaller share of the object is a detail, and a larger one the object itself. */
const [leastShare, mostShare] = [0.015, 0.6];
/** What casts the shadow has at least this share. */
const leastRest = 0.06;
/** Share of the outline that lies beside the ground. */
const leastOutside = 0.3;
/** A shadow ends in the lowest part of the object, as a share of its height. */
const lowest = 0.2;

interface Patch {
  readonly area: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * Share of the object that may be a shadow with a hard edge: one even tone, the ground's colour made darker by one factor,
 * along the ground, at the foot of something else, wider than high or out to a side. 0 = nothing looks like one. A flat grey
 * foot on a grey ground looks the same.
 */
export function hardShadowShare(grid: ObjectGrid): number {
  const { width, height, cover } = grid;
  const lights = lightsOf(grid);
  if (lights === undefined) return 0;
  const whole = extentOf(grid, (at) => cover[at]! > 0.5);
  const seen = new Uint8Array(width * height);
  let share = 0;
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 1 || lights[start] === 0) continue;
    const cells = spread(grid, lights, seen, start);
    if (cells.length < leastShare * whole.area || cells.length > mostShare * whole.area) continue;
    if (!isEven(grid, lights, cells)) continue;
    const members = new Uint8Array(seen.length);
    for (const at of cells) members[at] = 1;
    const shadow = extentOf(grid, (at) => members[at] === 1);
    const rest = extentOf(grid, (at) => cover[at]! > 0.5 && !isWithin(members, width, at));
    if (rest.area < leastRest * whole.area) continue;
    if (liesLikeShadow(whole, rest, shadow) && isAlongGround(grid, members, cells)) share += cells.length / whole.area;
  }
  return share;
}

/** The light of each cell that has the ground's hue and is darker, as a share of the ground's; 0 for all others. */
function lightsOf({ cover, colors, ground, grain }: ObjectGrid): Float32Array | undefined {
  if (ground === undefined) return undefined;
  const lights = new Float32Array(cover.length);
  for (let at = 0; at < cover.length; at++) {
    if (cover[at]! < 1) continue;
    let own = 0;
    let behind = 0;
    for (let channel = at * 3; channel < at * 3 + 3; channel++) {
      own += colors[channel]!;
      behind += ground[channel]!;
    }
    const light = own / Math.max(1, behind);
    if (light < darkest || light > lightest) continue;
    let off = 0;
    for (let channel = at * 3; channel < at * 3 + 3; channel++)
      off = Math.max(off, Math.abs(colors[channel]! - light * ground[channel]!));
    if (off <= hueTolerance + 2 * grain) lights[at] = light;
  }
  return lights;
}

/** Cells that are connected without a step in their light. */
function spread({ width, ground, grain }: ObjectGrid, lights: Float32Array, seen: Uint8Array, start: number): number[] {
  const most = step + (3 * grain) / Math.max(40, ground![start * 3 + 1]!);
  const cells = [start];
  const around = [-1, 1, -width, width];
  seen[start] = 1;
  for (let head = 0; head < cells.length; head++)
    for (const offset of around) {
      const next = cells[head]! + offset;
      if (seen[next] !== 0 || lights[next] === 0) continue;
      if (Math.abs(lights[next]! - lights[cells[head]!]!) > most) continue;
      seen[next] = 1;
      cells.push(next);
    }
  return cells;
}

/** Whether a cell is a member or beside one, where it may be a mixture. */
function isWithin(members: Uint8Array, width: number, at: number): boolean {
  return members[at]! + members[at - 1]! + members[at + 1]! + members[at - width]! + members[at + width]! > 0;
}

function extentOf({ width, cover }: ObjectGrid, holds: (at: number) => boolean): Patch {
  let [area, left, right, top, bottom] = [0, Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at < cover.length; at++) {
    if (!holds(at)) continue;
    const x = at % width;
    const y = (at - x) / width;
    area += 1;
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  return { area, left, right, top, bottom };
}

/** Whether the light deviates by no more than the ground's own grain does. */
function isEven({ ground, grain }: ObjectGrid, lights: Float32Array, cells: readonly number[]): boolean {
  let [sum, squares] = [0, 0];
  for (const at of cells) {
    sum += lights[at]!;
    squares += lights[at]! ** 2;
  }
  const mean = sum / cells.length;
  const level = Math.max(40, ground![cells[0]! * 3 + 1]!);
  return Math.sqrt(Math.max(0, squares / cells.length - mean ** 2)) <= deviation + grain / level;
}

/** At the foot of the rest, and wider than high or beyond the rest's side: legs and handles are neither. */
function liesLikeShadow(whole: Patch, rest: Patch, shadow: Patch): boolean {
  const height = whole.bottom - whole.top;
  if (shadow.bottom < whole.bottom - lowest * height) return false;
  if (shadow.top + shadow.bottom <= rest.top + rest.bottom) return false;
  const beyond = Math.max(rest.left - shadow.left, shadow.right - rest.right);
  return shadow.right - shadow.left >= 1.5 * (shadow.bottom - shadow.top) || beyond >= 0.04 * height;
}

function isAlongGround({ width, cover }: ObjectGrid, members: Uint8Array, cells: readonly number[]): boolean {
  let [outside, all] = [0, 0];
  for (const at of cells)
    for (const offset of [-1, 1, -width, width]) {
      if (members[at + offset] === 1) continue;
      all += 1;
      // The cell beside may be a mixture.
      if (cover[at + offset]! < 0.5 || cover[at + 2 * offset]! < 0.5) outside += 1;
    }
  return outside >= leastOutside * all;
}
