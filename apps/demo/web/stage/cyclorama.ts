import type { Mesh } from './inflate.ts';

/** A wall around the back of the stage. */
export interface Cyclorama extends Pick<Mesh, 'positions' | 'normals' | 'uvs' | 'indices'> {
  /** 1 where the picture is opaque; it fades at its sides, its top and into the ground. */
  readonly opacities: Float32Array;
}

const columns = 60;
const rows = 20;
/** Around the stage, in radians. */
const angle = 3.7;
/** Of the picture, in radii. */
const height = 1.5;
/** Where the wall becomes the ground, in radii. */
const coveRadius = 0.22;

/**
 * A painted backdrop as photographers use it: bent around the stage, and running out into the ground without a corner. The picture
 * is in the middle; beside it comes its mirror image.
 */
export function cyclorama(radius: number, aspect: number): Cyclorama {
  const length = Math.min(height, angle / aspect) * radius;
  const pictureAngle = (length * aspect) / radius;
  const cove = coveRadius * radius;
  const bend = (cove * Math.PI) / 2;
  const positions: number[] = [];
  const normals: number[] = [];
  const uvs: number[] = [];
  const opacities: number[] = [];
  const indices: number[] = [];
  for (let row = 0; row <= rows; row += 1) {
    const along = (row / rows) * length;
    const turn = Math.min(along, bend) / cove;
    const out = radius - cove + cove * Math.sin(turn);
    const high = cove - cove * Math.cos(turn) + Math.max(0, along - bend);
    for (let column = 0; column <= columns; column += 1) {
      const u = column / columns;
      const around = (u - 0.5) * angle;
      const [x, z] = [Math.sin(around), -Math.cos(around)];
      positions.push(x * out, high, z * out);
      normals.push(-x * Math.sin(turn), Math.cos(turn), -z * Math.sin(turn));
      uvs.push(0.5 + around / pictureAngle, 1 - row / rows);
      opacities.push(ramp(Math.min(u, 1 - u) / 0.12) * ramp((1 - row / rows) / 0.22) * ramp(along / bend));
    }
  }
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const a = row * (columns + 1) + column;
      const above = a + columns + 1;
      indices.push(a, a + 1, above, above, a + 1, above + 1);
    }
  }
  return {
    positions: new Float32Array(positions),
    normals: new Float32Array(normals),
    uvs: new Float32Array(uvs),
    indices: new Uint32Array(indices),
    opacities: new Float32Array(opacities),
  };
}

/** From 0 to 1, smooth at both ends. */
function ramp(value: number): number {
  const share = Math.min(1, Math.max(0, value));
  return share * share * (3 - 2 * share);
}
