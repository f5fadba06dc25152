import { describe, expect, it } from 'vitest';
import { inflate } from '../../web/stage/inflate.ts';
import type { Mask, Mesh } from '../../web/stage/inflate.ts';

const side = 48;

function maskOf(isInside: (x: number, y: number) => boolean, width = side, height = side): Mask {
  const alpha = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) alpha[y * width + x] = isInside((x + 0.5) / width, (y + 0.5) / height) ? 1 : 0;
  return { width, height, alpha };
}

const distance = (x: number, y: number): number => Math.hypot(x - 0.5, y - 0.5);
const shapes: Readonly<Record<string, Mask>> = {
  disc: maskOf((x, y) => distance(x, y) < 0.4),
  ring: maskOf((x, y) => distance(x, y) < 0.45 && distance(x, y) > 0.2),
  'two parts': maskOf((x, y) => y > 0.2 && y < 0.8 && (x < 0.3 || x > 0.7)),
  'whole picture': maskOf(() => true, 40, 24),
};

/** Directed edges without their opposite. */
function openEdges({ indices }: Mesh): number {
  const edges = new Map<string, number>();
  for (let at = 0; at < indices.length; at += 3) {
    const [a, b, c] = indices.subarray(at, at + 3) as unknown as [number, number, number];
    for (const [from, to] of [
      [a, b],
      [b, c],
      [c, a],
    ])
      edges.set(`${from} ${to}`, (edges.get(`${from} ${to}`) ?? 0) + 1);
  }
  return [...edges].filter(([edge, count]) => count !== 1 || edges.get(edge.split(' ').reverse().join(' ')) !== 1)
    .length;
}

/** Positive if the triangles face outwards. */
function volume({ positions, indices }: Mesh): number {
  let sum = 0;
  for (let at = 0; at < indices.length; at += 3) {
    const [a, b, c] = [0, 1, 2].map((corner) => {
      const vertex = (indices[at + corner] ?? 0) * 3;
      return [...positions.subarray(vertex, vertex + 3)] as [number, number, number];
    }) as [[number, number, number], [number, number, number], [number, number, number]];
    sum +=
      (a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0])) /
      6;
  }
  return sum;
}

describe.each(Object.entries(shapes))('the body of a silhouette: %s', (_, mask) => {
  const mesh = inflate(mask);

  it('is closed, and faces outwards', () => {
    expect(openEdges(mesh)).toBe(0);
    expect(volume(mesh)).toBeGreaterThan(0);
  });

  it('stands on the ground, around its middle', () => {
    const axis = (which: number): Float32Array => mesh.positions.filter((_value, index) => index % 3 === which);
    expect(Math.min(...axis(1))).toBeCloseTo(0, 6);
    expect(Math.max(...axis(1))).toBeCloseTo(mesh.height, 6);
    expect(Math.min(...axis(0)) + Math.max(...axis(0))).toBeCloseTo(0, 6);
    expect(Math.max(...axis(2)) - Math.min(...axis(2))).toBeCloseTo(mesh.depth, 6);
  });
});

it('makes a disc round: deepest in the middle, half as deep as wide', () => {
  const { width, depth } = inflate(shapes['disc'] as Mask);
  expect(width).toBeCloseTo(0.8, 1);
  expect(depth / width).toBeGreaterThan(0.42);
  expect(depth / width).toBeLessThan(0.58);
});

it('gives the same body for the same picture, and an empty one for an empty picture', () => {
  expect(inflate(shapes['ring'] as Mask)).toEqual(inflate(shapes['ring'] as Mask));
  expect(inflate(maskOf(() => false)).indices).toHaveLength(0);
});

it('keeps the rim between two cells that touch at a corner closed', () => {
  expect(
    openEdges(inflate(maskOf((x, y) => x < 0.5 === y < 0.5 && Math.abs(x - 0.5) < 0.3 && Math.abs(y - 0.5) < 0.3))),
  ).toBe(0);
});
