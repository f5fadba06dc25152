import type { ObjectGrid } from './object-grid.ts';

/** Each of two things has at least this share of the whole. */
const leastShare = 0.15;
/**
 * A neck is at most this share of the smaller thing's thickness. It may be wider where things stand side by side, and where
 * their colours differ too: the parts of one thing rather stand upon one another.
 */
const [stacked, beside, besideInColor] = [0.6, 0.65, 0.8];
/** Colours differ clearly from this many levels on. */
const clearly = 40;
/** A neck is about as short as it is wide: a pole or a stem keeps what it joins further apart. */
const longestNeck = 2;

/** A part of the object that stays whole when its outline is taken off. */
interface Body {
  readonly cells: readonly number[];
  /** Depth of its innermost cell. */
  readonly depth: number;
}

/**
 * Share of the object that may be a second thing: two masses that meet at a narrow neck, as two balls do. 0 = one mass. Two
 * things that meet along a whole side look like one.
 */
export function secondObjectShare(grid: ObjectGrid): number {
  const depths = depthsOf(grid);
  const most = depths.reduce((deepest, depth) => Math.max(deepest, depth), 0);
  for (let level = 1; level < most; level += Math.max(1, level / 8)) {
    const bodies = bodiesAbove(grid, depths, level).filter(({ depth }) => depth >= Math.max(level * 1.2, most * 0.3));
    const [one, other] = bodies;
    if (one === undefined || other === undefined || bodies.length > 2) continue;
    const { owners, neck } = grow(grid, depths, one, other);
    const [first, second] = [sumUp(grid, owners, 1), sumUp(grid, owners, 2)];
    const smaller = Math.min(first.area, second.area) / (first.area + second.area);
    if (smaller < leastShare || neck > longestNeck * level + 2) continue;
    const apart = Math.hypot(...first.color.map((value, channel) => value - second.color[channel]!));
    const isBeside = Math.abs(first.middle[0] - second.middle[0]) > 1.5 * Math.abs(first.middle[1] - second.middle[1]);
    const widest = isBeside ? (apart >= clearly ? besideInColor : beside) : stacked;
    if (level <= widest * Math.min(one.depth, other.depth)) return smaller;
  }
  return 0;
}

/** How many cells each cell of the object is away from what is not object, along rows, columns and diagonals in turn. */
function depthsOf({ width, height, cover }: ObjectGrid): Float32Array {
  const depths = new Float32Array(cover.length);
  const diagonal = Math.SQRT2;
  const least = (at: number, sign: number): number =>
    Math.min(
      depths[at + sign]! + 1,
      depths[at + sign * width]! + 1,
      depths[at + sign * (width - 1)]! + diagonal,
      depths[at + sign * (width + 1)]! + diagonal,
    );
  const inner = width * (height - 1) - 1;
  for (let at = width + 1; at < inner; at++) if (cover[at]! > 0.5) depths[at] = least(at, -1);
  for (let at = inner; at > width; at--) if (cover[at]! > 0.5) depths[at] = Math.min(depths[at]!, least(at, 1));
  return depths;
}

function bodiesAbove({ width }: ObjectGrid, depths: Float32Array, level: number): Body[] {
  const seen = new Uint8Array(depths.length);
  const around = [-1, 1, -width, width];
  const bodies: Body[] = [];
  for (let start = 0; start < depths.length; start++) {
    if (seen[start] === 1 || depths[start]! <= level) continue;
    const cells = [start];
    seen[start] = 1;
    let depth = 0;
    for (let head = 0; head < cells.length; head++) {
      depth = Math.max(depth, depths[cells[head]!]!);
      for (let side = 0; side < around.length; side++) {
        const next = cells[head]! + around[side]!;
        if (seen[next] === 1 || depths[next]! <= level) continue;
        seen[next] = 1;
        cells.push(next);
      }
    }
    bodies.push({ cells, depth });
  }
  return bodies;
}

/** Gives each cell of the object to the body that is nearer through the object; the neck is as long as the steps that meet. */
function grow(
  { width, cover }: ObjectGrid,
  depths: Float32Array,
  one: Body,
  other: Body,
): { owners: Uint8Array; neck: number } {
  const owners = new Uint8Array(cover.length);
  const steps = new Uint16Array(cover.length);
  const queue = [...one.cells, ...other.cells];
  for (const at of one.cells) owners[at] = 1;
  for (const at of other.cells) owners[at] = 2;
  const around = [-1, 1, -width, width];
  let neck = Infinity;
  for (let head = 0; head < queue.length; head++) {
    const at = queue[head]!;
    for (let side = 0; side < around.length; side++) {
      const next = at + around[side]!;
      if (depths[next]! <= 0) continue;
      if (owners[next] === 0) {
        owners[next] = owners[at]!;
        steps[next] = steps[at]! + 1;
        queue.push(next);
      } else if (owners[next] !== owners[at]) neck = Math.min(neck, steps[next]! + steps[at]! + 1);
    }
  }
  return { owners, neck };
}

interface Sum {
  readonly area: number;
  /** Mean red, green, blue. */
  readonly color: readonly number[];
  /** Across and down, in cells. */
  readonly middle: readonly [number, number];
}

function sumUp({ width, colors }: ObjectGrid, owners: Uint8Array, owner: number): Sum {
  const sums = [0, 0, 0];
  let [area, x, y] = [0, 0, 0];
  for (let at = 0; at < owners.length; at++) {
    if (owners[at] !== owner) continue;
    area += 1;
    x += at % width;
    y += Math.floor(at / width);
    for (let channel = 0; channel < 3; channel++) sums[channel]! += colors[at * 3 + channel]!;
  }
  return { area, color: sums.map((sum) => sum / area), middle: [x / area, y / area] };
}
