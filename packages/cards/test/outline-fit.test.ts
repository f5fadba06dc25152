import sharp from 'sharp';
import { expect, it } from 'vitest';
import { fitOutlines } from '../src/index.ts';

/** A card of 200x200 with a shape of SVG on a transparent ground. */
async function card(shape: string, ground = ''): Promise<Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200">${ground}${shape}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** An L of two bars: the foot of this length points to this side. */
const ell = (side: 'left' | 'right', foot = 60): string =>
  `<rect x="90" y="40" width="20" height="120"/><rect x="${side === 'left' ? 110 - foot : 90}" y="140" width="${foot}" height="20"/>`;

it('a shape and its mirror image have everything in common; a shape and itself have not', async () => {
  const left = await card(ell('left'));
  expect(await fitOutlines(left, await card(ell('right')))).toEqual({ heights: 1, mirror: 1 });
  // The bar of 20x120 and the far end of the foot of 40x20 lie apart: only the middle of the foot is common.
  const { heights, mirror } = (await fitOutlines(left, left))!;
  expect(heights).toBe(1);
  expect(mirror).toBeLessThan(0.4);
  expect(mirror).toBeGreaterThan(0.1);
});

it('the figure is the share of both outlines, whatever their size in the card', async () => {
  const half = await card('<rect x="50" y="50" width="50" height="100"/>');
  const whole = await card('<rect x="20" y="50" width="100" height="100"/>');
  expect((await fitOutlines(half, whole))?.mirror).toBeCloseTo(0.5, 1);
  const small = await card('<rect x="20" y="20" width="50" height="50"/>');
  expect(await fitOutlines(whole, small)).toEqual({ heights: 0.5, mirror: 1 });
});

it('what is not cut out is not compared', async () => {
  const cutOut = await card(ell('left'));
  const opaque = await sharp(cutOut).flatten({ background: '#eeeeee' }).png().toBuffer();
  const empty = await card('');
  const full = await card('', '<rect width="200" height="200"/>');
  for (const other of [opaque, empty, full]) expect(await fitOutlines(cutOut, other)).toBeUndefined();
});
