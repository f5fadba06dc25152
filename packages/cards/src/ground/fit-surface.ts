/** Colours at points of the frame, in flat arrays. */
export interface SurfacePoints {
  readonly count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Three numbers a point. */
  readonly colors: Float64Array;
}

/** Room for `size` points. */
export function surfacePoints(size: number): { -readonly [Key in keyof SurfacePoints]: SurfacePoints[Key] } {
  return { count: 0, x: new Float64Array(size), y: new Float64Array(size), colors: new Float64Array(size * 3) };
}

/** Value of one channel of a surface at a point of the frame. */
export function surfaceAt(surface: Float64Array, channel: number, x: number, y: number): number {
  const at = channel * 6;
  return (
    surface[at]! +
    surface[at + 1]! * x +
    surface[at + 2]! * y +
    surface[at + 3]! * x * x +
    surface[at + 4]! * x * y +
    surface[at + 5]! * y * y
  );
}

/** How far a point is off a surface: the largest difference of the three channels. */
export function offSurface(surface: Float64Array, { x, y, colors }: SurfacePoints, index: number): number {
  let off = 0;
  for (let channel = 0; channel < 3; channel++) {
    const difference = colors[index * 3 + channel]! - surfaceAt(surface, channel, x[index]!, y[index]!);
    off = Math.max(off, difference < 0 ? -difference : difference);
  }
  return off;
}

/** The points that are at most `limit` off a surface. */
export function pointsNear(points: SurfacePoints, surface: Float64Array, limit: number): SurfacePoints {
  const near = surfacePoints(points.count);
  for (let index = 0; index < points.count; index++) {
    if (offSurface(surface, points, index) > limit) continue;
    near.x[near.count] = points.x[index]!;
    near.y[near.count] = points.y[index]!;
    for (let channel = 0; channel < 3; channel++)
      near.colors[near.count * 3 + channel] = points.colors[index * 3 + channel]!;
    near.count += 1;
  }
  return near;
}

/**
 * Least squares fit of the first `terms` (3 = a slope, 6 = a quadratic surface) of 1, x, y, x², xy, y² to each of three
 * channels. Returns six coefficients a channel, or undefined when the points do not determine them.
 */
export function fitSurface(points: SurfacePoints, terms: 3 | 6): Float64Array<ArrayBuffer> | undefined {
  const size = terms + 3;
  const matrix = Array.from({ length: terms }, () => new Float64Array(size));
  const basis = new Float64Array(6).fill(1);
  for (let index = 0; index < points.count; index++) addPoint(matrix, basis, points, index, terms);
  for (let row = 1; row < terms; row++)
    for (let column = 0; column < row; column++) matrix[row]![column] = matrix[column]![row]!;
  if (!solve(matrix, terms)) return undefined;
  const surface = new Float64Array(18);
  for (let channel = 0; channel < 3; channel++)
    for (let row = 0; row < terms; row++) surface[channel * 6 + row] = matrix[row]![terms + channel]!;
  return surface;
}

/** Adds a point to the upper half of the equations; `basis` begins with 1. */
function addPoint(
  matrix: readonly Float64Array[],
  basis: Float64Array,
  { x, y, colors }: SurfacePoints,
  index: number,
  terms: number,
): void {
  const u = x[index]!;
  const v = y[index]!;
  basis[1] = u;
  basis[2] = v;
  basis[3] = u * u;
  basis[4] = u * v;
  basis[5] = v * v;
  for (let row = 0; row < terms; row++) {
    const line = matrix[row]!;
    const factor = basis[row]!;
    for (let column = row; column < terms; column++) line[column]! += factor * basis[column]!;
    for (let channel = 0; channel < 3; channel++) line[terms + channel]! += factor * colors[index * 3 + channel]!;
  }
}

/** Gauss-Jordan elimination in place; false when the matrix is singular. */
function solve(matrix: Float64Array[], terms: number): boolean {
  for (let pivot = 0; pivot < terms; pivot++) {
    let best = pivot;
    for (let row = pivot + 1; row < terms; row++)
      if (Math.abs(matrix[row]![pivot]!) > Math.abs(matrix[best]![pivot]!)) best = row;
    [matrix[pivot], matrix[best]] = [matrix[best]!, matrix[pivot]!];
    const line = matrix[pivot]!;
    const head = line[pivot]!;
    if (Math.abs(head) < 1e-6) return false;
    for (let column = pivot; column < line.length; column++) line[column]! /= head;
    for (let row = 0; row < terms; row++) {
      const other = matrix[row]!;
      const factor = other[pivot]!;
      if (row === pivot || factor === 0) continue;
      for (let column = pivot; column < line.length; column++) other[column]! -= factor * line[column]!;
    }
  }
  return true;
}
