/** How opaque a picture is, reduced to a few dozen points a side; row by row from the top, 0 to 1. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly alpha: Float32Array;
}

/** A triangle mesh that stands on y = 0, with x = 0 in its middle and z towards the viewer. */
export interface Mesh {
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  /** From the upper left corner of the picture. */
  readonly uvs: Float32Array;
  readonly indices: Uint32Array;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

/** A point of the grid or of the rim, in points of the mask. */
interface Vertex {
  readonly x: number;
  readonly y: number;
  /** Half the body's depth here; 0 on the rim, which front and back share. */
  readonly bulge: number;
}

const rimAlpha = 0.5;
/** 1 makes a disc a ball. */
const roundness = 0.5;
const relaxations = 90;

/**
 * Inflates a silhouette to a closed mesh: front and back are the solution of Poisson's equation over the silhouette, and meet in its
 * outline. A unit is the width of the mask.
 */
export function inflate(mask: Mask): Mesh {
  const grid = pad(mask);
  const bulges = bulge(grid);
  const vertices: Vertex[] = [];
  const known = new Map<string, number>();
  const add = (key: string, vertex: () => Vertex): number => {
    let index = known.get(key);
    if (index === undefined) {
      index = vertices.push(vertex()) - 1;
      known.set(key, index);
    }
    return index;
  };
  const indices: number[] = [];
  const at = (x: number, y: number): number => y * grid.width + x;
  const cell = (column: number, row: number): void => {
    const corners = [
      { x: column, y: row },
      { x: column + 1, y: row },
      { x: column + 1, y: row + 1 },
      { x: column, y: row + 1 },
    ].map(({ x, y }) => ({ x, y, alpha: grid.alpha[at(x, y)] ?? 0 }));
    const isInside = corners.map(({ alpha }) => alpha >= rimAlpha);
    if (!isInside.includes(true)) return;
    const polygons = polygonsOf(isInside);
    for (const side of [1, -1]) {
      const cornerOf = (index: number): number => {
        const { x, y } = corners[index % 4] as (typeof corners)[number];
        return add(`${at(x, y)} ${side}`, () => ({ x, y, bulge: side * (bulges[at(x, y)] ?? 0) }));
      };
      const rimOf = (index: number): number => {
        const [from, to] = [corners[index % 4], corners[(index + 1) % 4]] as [
          (typeof corners)[number],
          (typeof corners)[number],
        ];
        const [low, high] = [at(from.x, from.y), at(to.x, to.y)].sort((a, b) => a - b);
        return add(`${low} ${high}`, () => {
          // A vertex close to a corner would make a needle of a triangle.
          const share = Math.min(0.9, Math.max(0.1, (rimAlpha - from.alpha) / (to.alpha - from.alpha)));
          return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share, bulge: 0 };
        });
      };
      for (const polygon of polygons) {
        const [first = 0, ...others] = polygon.map((point) =>
          point.isRim ? rimOf(point.index) : cornerOf(point.index),
        );
        for (let next = 0; next + 1 < others.length; next += 1) {
          const [b = 0, c = 0] = [others[next], others[next + 1]];
          indices.push(first, ...(side === 1 ? [c, b] : [b, c]));
        }
      }
    }
  };
  for (let row = 0; row + 1 < grid.height; row += 1)
    for (let column = 0; column + 1 < grid.width; column += 1) cell(column, row);
  return meshOf(vertices, indices, mask);
}

/** A transparent border, so that every outline is closed. */
function pad({ width, height, alpha }: Mask): Mask {
  const wide = width + 2;
  const padded = new Float32Array(wide * (height + 2));
  for (let y = 0; y < height; y += 1) padded.set(alpha.subarray(y * width, (y + 1) * width), (y + 1) * wide + 1);
  return { width: wide, height: height + 2, alpha: padded };
}

/** Half the depth at every point, by successive over-relaxation. */
function bulge({ width, height, alpha }: Mask): Float32Array {
  const level = new Float32Array(alpha.length);
  const omega = 2 / (1 + Math.sin(Math.PI / Math.max(width, height)));
  for (let round = 0; round < relaxations; round += 1) {
    for (let y = 1; y + 1 < height; y += 1) {
      for (let x = 1; x + 1 < width; x += 1) {
        const at = y * width + x;
        if ((alpha[at] ?? 0) < rimAlpha) continue;
        const around =
          (level[at - 1] ?? 0) + (level[at + 1] ?? 0) + (level[at - width] ?? 0) + (level[at + width] ?? 0);
        level[at] = (level[at] ?? 0) * (1 - omega) + omega * (around / 4 + 1);
      }
    }
  }
  // The steps of the grid along a slanting outline would show in the light.
  const smooth = level.map((value, at) => {
    if (value === 0) return 0;
    const rows = [at - width, at, at + width];
    return rows.reduce((sum, row) => sum + (level[row - 1] ?? 0) + (level[row] ?? 0) + (level[row + 1] ?? 0), 0) / 9;
  });
  return smooth.map((value) => roundness * Math.sqrt(Math.max(value, 0)));
}

interface CellPoint {
  /** Of a corner, or of the edge from this corner to the next. */
  readonly index: number;
  readonly isRim: boolean;
}

/** The parts of a cell within the silhouette. Each begins with a corner, so that no triangle has all its points on the rim. */
function polygonsOf(isInside: readonly boolean[]): readonly (readonly CellPoint[])[] {
  const inside = isInside.flatMap((is, index) => (is ? [index] : []));
  if (inside.length === 2 && isInside[0] === isInside[2]) {
    return inside.map((index) => [
      { index, isRim: false },
      { index, isRim: true },
      { index: index + 3, isRim: true },
    ]);
  }
  const start = inside[0] ?? 0;
  const polygon: CellPoint[] = [];
  for (let step = 0; step < 4; step += 1) {
    const index = (start + step) % 4;
    if (isInside[index] === true) polygon.push({ index, isRim: false });
    if (isInside[index] !== isInside[(index + 1) % 4]) polygon.push({ index, isRim: true });
  }
  return [polygon];
}

function meshOf(vertices: readonly Vertex[], indices: readonly number[], { width, height }: Mask): Mesh {
  const count = vertices.length;
  const [positions, uvs] = [new Float32Array(count * 3), new Float32Array(count * 2)];
  const xs = vertices.map(({ x }) => x);
  const ys = vertices.map(({ y }) => y);
  const [left, right] = [least(xs), most(xs)];
  const bottom = most(ys);
  for (const [index, { x, y, bulge: half }] of vertices.entries()) {
    positions.set([(x - (left + right) / 2) / width, (bottom - y) / width, half / width], index * 3);
    // The padding and the half point to the middle of a pixel.
    uvs.set([clamp((x - 0.5) / width), clamp((y - 0.5) / height)], index * 2);
  }
  return {
    positions,
    normals: normalsOf(positions, indices),
    uvs,
    indices: new Uint32Array(indices),
    width: (right - left) / width,
    height: (bottom - least(ys)) / width,
    depth: (2 * most(vertices.map(({ bulge: half }) => half))) / width,
  };
}

/** Weighted by area. */
function normalsOf(positions: Float32Array, indices: readonly number[]): Float32Array {
  const normals = new Float32Array(positions.length);
  const coordinate = (vertex: number, axis: number): number => positions[vertex * 3 + axis] ?? 0;
  for (let at = 0; at < indices.length; at += 3) {
    const [a = 0, b = 0, c = 0] = indices.slice(at, at + 3);
    const [ux, uy, uz, vx, vy, vz] = [b, c].flatMap((end) =>
      [0, 1, 2].map((axis) => coordinate(end, axis) - coordinate(a, axis)),
    ) as [number, number, number, number, number, number];
    const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    for (const vertex of [a, b, c])
      for (const [axis, value] of normal.entries())
        normals[vertex * 3 + axis] = (normals[vertex * 3 + axis] ?? 0) + value;
  }
  for (let at = 0; at < normals.length; at += 3) {
    const [x = 0, y = 0, z = 0] = normals.subarray(at, at + 3);
    const length = Math.hypot(x, y, z);
    normals.set(length === 0 ? [0, 0, 1] : [x / length, y / length, z / length], at);
  }
  return normals;
}

function least(values: readonly number[]): number {
  return values.reduce((found, value) => Math.min(found, value), Infinity);
}

function most(values: readonly number[]): number {
  return values.reduce((found, value) => Math.max(found, value), -Infinity);
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
