/** A colour at a point of the frame. */
interface SurfacePoint {
  readonly x: number;
  readonly y: number;
  readonly color: ArrayLike<number>;
}

/**
 * Least squares fit of the first `terms` (3 = a slope, 6 = a quadratic surface) of 1, x, y, x², xy, y² to each of three
 * channels. Returns six coefficients a channel, or undefined when the points do not determine them.
 */
export function fitSurface(points: readonly SurfacePoint[], terms: 3 | 6): Float64Array<ArrayBuffer> | undefined {
  const size = terms + 3;
  const matrix = Array.from({ length: terms }, () => new Float64Array(size));
  for (const { x, y, color } of points) {
    const basis = [1, x, y, x * x, x * y, y * y];
    for (let row = 0; row < terms; row++) {
      const line = matrix[row]!;
      for (let column = row; column < terms; column++) line[column]! += basis[row]! * basis[column]!;
      for (let channel = 0; channel < 3; channel++) line[terms + channel]! += basis[row]! * color[channel]!;
    }
  }
  for (let row = 1; row < terms; row++)
    for (let column = 0; column < row; column++) matrix[row]![column] = matrix[column]![row]!;
  if (!solve(matrix, terms)) return undefined;
  const surface = new Float64Array(18);
  for (let channel = 0; channel < 3; channel++)
    for (let row = 0; row < terms; row++) surface[channel * 6 + row] = matrix[row]![terms + channel]!;
  return surface;
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
