import { expect, it } from 'vitest';
import { layOut, stageHeight } from '../../web/stage/stage-layout.ts';
import type { Footprint } from '../../web/stage/stage-layout.ts';

/** Objects from flat and wide to high and narrow. */
function objects(count: number): readonly Footprint[] {
  return Array.from({ length: count }, (_, index) => {
    const height = stageHeight([0.05, 0.45, 0.75, 1.8, 3.5, 12][(index * 5) % 6]);
    const width = height * ([0.4, 1, 2.2, 0.7][(index * 3) % 4] ?? 1);
    return { width, height, depth: Math.min(width, height) * 0.6 };
  });
}

it.each([1, 2, 3, 5, 12, 25])('places %i objects without an overlap, around the middle', (count) => {
  const wanted = objects(count);
  const places = layOut(wanted);
  expect(places).toHaveLength(count);
  const boxes = places.map(({ x, z }, index) => {
    const { width, depth } = wanted[index] as Footprint;
    return { left: x - width / 2, right: x + width / 2, back: z - depth / 2, front: z + depth / 2 };
  });
  for (const [index, a] of boxes.entries())
    for (const b of boxes.slice(index + 1)) {
      const isApart = a.right < b.left || b.right < a.left || a.front < b.back || b.front < a.back;
      expect(isApart, JSON.stringify([a, b])).toBe(true);
    }
  expect(Math.min(...boxes.map(({ back }) => back)) + Math.max(...boxes.map(({ front }) => front))).toBeLessThan(3);
});

it('puts tall objects behind low ones', () => {
  const places = layOut([0.5, 2, 0.6, 1.9, 0.7].map((height) => ({ width: 1, depth: 0.5, height })));
  const [low = { z: 0 }, tall = { z: 0 }] = places;
  expect(tall.z).toBeLessThan(low.z);
});

it('sizes objects by their usual height, without losing the small ones', () => {
  const heights = [0.05, 0.45, 0.75, 1.8, 3.5].map(stageHeight);
  expect(heights).toEqual([...heights].sort((a, b) => a - b));
  expect(stageHeight(0.01)).toBe(0.5);
  expect(stageHeight(300)).toBe(2.4);
  expect(stageHeight(undefined)).toBeGreaterThan(stageHeight(0.45));
});
