import { expect, it } from 'vitest';
import { maskOf, removeGround } from '../../web/stage/silhouette.ts';
import type { Pixels } from '../../web/stage/silhouette.ts';

const side = 40;

/** A red square on a ground, with a hole that has the ground's colour. */
function picture(ground: (x: number, y: number) => readonly [number, number, number, number]): Pixels {
  const data = new Uint8ClampedArray(side * side * 4);
  for (let at = 0; at < side * side; at += 1) {
    const [x, y] = [at % side, Math.floor(at / side)];
    const isObject = x >= 10 && x < 30 && y >= 10 && y < 30 && !(x >= 18 && x < 22 && y >= 18 && y < 22);
    data.set(isObject ? [180, 30, 30, 255] : ground(x, y), at * 4);
  }
  return { width: side, height: side, data };
}

const share = (pixels: Pixels): number => maskOf(pixels, 20).alpha.reduce((sum, value) => sum + value, 0) / 400;

it('removes a plain ground from the border on, and leaves what the object encloses', () => {
  const pixels = picture((x) => [236, 232, 228 + (x % 3), 255]);
  removeGround(pixels);
  expect(share(pixels)).toBeCloseTo(0.25, 6);
});

it('keeps a picture that has no plain ground, or is transparent already', () => {
  const busy = picture((x, y) => [(x * 50) % 256, (y * 70) % 256, 0, 255]);
  removeGround(busy);
  expect(share(busy)).toBe(1);
  const cut = picture(() => [236, 232, 228, 0]);
  const before = cut.data.slice();
  removeGround(cut);
  expect(cut.data).toEqual(before);
});

it('averages the opacity of a cell', () => {
  const data = new Uint8ClampedArray(4 * 2 * 4);
  for (const at of [0, 1, 4]) data[at * 4 + 3] = 255;
  expect([...maskOf({ width: 4, height: 2, data }, 2).alpha]).toEqual([0.75, 0]);
});
