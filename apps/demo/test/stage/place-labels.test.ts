import { expect, it } from 'vitest';
import { placeLabels } from '../../web/stage/place-labels.ts';

const stage = { width: 600, height: 400 };
const size = { width: 90, height: 24 };

it('keeps labels apart and on the stage, and hides those for which there is no room', () => {
  const wanted = Array.from({ length: 25 }, (_, index) => ({ x: 200 + (index % 5) * 50, y: 150 + index, ...size }));
  const places = placeLabels(wanted, stage);
  const shown = places.filter((place) => place !== undefined);
  expect(shown.length).toBeGreaterThan(5);
  expect(shown.length).toBeLessThan(25);
  for (const [index, a] of shown.entries()) {
    expect(a.left >= 0 && a.top >= 0 && a.left + size.width <= stage.width && a.top + size.height <= stage.height).toBe(
      true,
    );
    for (const b of shown.slice(index + 1))
      expect(Math.abs(a.left - b.left) >= size.width || Math.abs(a.top - b.top) >= size.height).toBe(true);
  }
});

it('puts a label above its point if nothing is in the way, and moves the later one', () => {
  const [first, second] = placeLabels(
    [
      { x: 300, y: 200, ...size },
      { x: 310, y: 200, ...size },
    ],
    stage,
  );
  expect(first).toEqual({ left: 255, top: 176 });
  expect(second?.top).toBeLessThan(176 - size.height);
});

it('hides the label of a point outside the stage', () => {
  expect(placeLabels([{ x: -10, y: 200, ...size }], stage)).toEqual([undefined]);
});
