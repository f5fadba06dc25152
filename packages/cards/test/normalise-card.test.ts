import { labelPicture, readMetadata } from '@holodeck/core/labels';
import { describe, expect, it, test } from 'vitest';
import { prepareCard } from '../src/index.ts';
import type { NormaliseOptions } from '../src/index.ts';
import { sampled } from '../../../test/support/long-runs.ts';
import { boxAround, compareWithMask, decode, haloOf } from './normalised.ts';
import type { Decoded } from './normalised.ts';
import type { Layer, Painted, Painting, Rgb, Shape } from './painter.ts';
import { box, circle, paint, plain, ring, slope, union, without } from './painter.ts';
import {
  ball,
  chair,
  chest,
  dark,
  grey,
  lamp,
  lightGrey,
  mug,
  object,
  on,
  porcelain,
  red,
  shadow,
  sword,
  teal,
  white,
} from './shapes.ts';

const flat = (shape: Shape, color: Rgb = red): Layer => ({ shape, paint: plain(color) });

interface Normalised {
  readonly card: Decoded;
  readonly painted: Painted;
  readonly steps: readonly string[];
}

async function normalised(painting: Painting, options?: NormaliseOptions): Promise<Normalised> {
  const painted = await paint(painting);
  const { bytes, changed, steps, skipped } = await normalise(painted.bytes, options);
  expect({ changed, skipped }).toEqual({ changed: true, skipped: undefined });
  return { card: await decode(bytes), painted, steps };
}

function alphaAt({ pixels, width }: Decoded, x: number, y: number): number {
  return pixels[(Math.round(y * width) * width + Math.round(x * width)) * 4 + 3]!;
}

type CutOut = readonly [name: string, painting: Painting, color: Rgb, largestHalo: number];

const grounds = [
  ['white', white],
  ['light grey', lightGrey],
  ['mid grey', grey],
  ['black', [0, 0, 0]],
  ['green', [40, 200, 70]],
] as const;

/**
 * Objects of one known colour: any other colour at their edges comes from the ground, but for up to four levels of rounding:
 * sharp resizes whole levels of colour times alpha.
 */
const cutOuts: readonly CutOut[] = [
  ...sampled(
    grounds.flatMap(([ground, color]): CutOut[] => [
      [`ball on ${ground}`, on(color, flat(ball)), red, 3.5],
      [`chair on ${ground}`, on(color, flat(chair)), red, 3.5],
    ]),
    3,
  ),
  ...sampled<CutOut>(
    [
      ['mug on white', on(white, flat(mug)), red, 3.5],
      ['lamp with a thin pole on white', on(white, flat(lamp)), red, 4.5],
      ['sword on black', on([0, 0, 0], flat(sword)), red, 3.5],
      ['porcelain on grey', on(grey, flat(mug, porcelain)), porcelain, 3.5],
      ['dark chest on white', on(white, flat(chest, dark)), dark, 3.5],
    ],
    2,
  ),
  ['on a slope', { ground: slope([225, 225, 225], 24), layers: [flat(chair)] }, red, 3.5],
  ['in grain', { ...on(lightGrey, flat(mug)), grain: 4 }, red, 6],
  ...sampled<CutOut>(
    [
      ['edges of six pixels', { ...on(white, { ...flat(chair), softness: 6 }), width: 1024 }, red, 10],
      ['edges of three pixels', { ...on(grey, { ...flat(chair), softness: 3 }), width: 1024 }, red, 3],
    ],
    1,
  ),
  ...sampled<CutOut>(
    [
      ['JPEG 75', { ...on(lightGrey, flat(mug)), format: 'jpeg', quality: 75 }, red, 30],
      ['JPEG 90', { ...on(lightGrey, flat(chair)), width: 1024, format: 'jpeg', quality: 90 }, red, 25],
    ],
    1,
  ),
  ['beside a soft shadow', on(lightGrey, shadow(0.35, 90), flat(chest)), red, 20],
  [
    'in a glow',
    on(
      grey,
      { shape: ball, paint: plain(white), opacity: 0.3, softness: 160, isObject: false },
      flat(circle(0.5, 0.5, 0.28)),
    ),
    red,
    8,
  ],
  ['with an opaque alpha channel', { ...on(white, flat(chair)), opaqueAlpha: true }, red, 3.5],
  [
    'on a half transparent ground',
    { layers: [{ shape: () => -1, paint: plain(white), opacity: 0.5, isObject: false }, flat(ball)] },
    red,
    3.5,
  ],
];

/** What the normaliser does with a file. */
async function normalise(bytes: Uint8Array, options?: NormaliseOptions) {
  const { bytes: card, changed, normalised: report } = await prepareCard(bytes, options);
  return { bytes: card, changed, steps: report?.steps ?? [], skipped: report?.skipped };
}

describe('cutting out', () => {
  test.each(cutOuts)('%s: as painted, without halo', async (_name, painting, color, largestHalo) => {
    const { card, painted } = await normalised(painting);
    const { iou, box: found } = compareWithMask(card, painted);
    expect(iou).toBeGreaterThan(0.985);
    const halo = haloOf(card, color);
    expect(halo.edges).toBeGreaterThan(1000);
    expect(halo.mean).toBeLessThan(largestHalo);
    expect(halo.worstShare).toBeLessThan(0.04);
    // The longest side takes 0.85 of 1024 pixels, in the middle, give or take what compression leaves at an edge.
    const [across, down] = [found.right - found.left, found.bottom - found.top];
    expect(Math.abs(Math.max(across, down) - 870.4)).toBeLessThanOrEqual(4);
    expect(Math.abs((found.left + found.right) / 2 - 512)).toBeLessThanOrEqual(2);
    expect(Math.abs((found.top + found.bottom) / 2 - 512)).toBeLessThanOrEqual(2);
  });

  it('the halo measure detects one: the same ball cut out by its colour alone', async () => {
    const { bytes, width } = await paint({ ...on(white, { ...flat(ball), softness: 6 }), width: 1024 });
    const { pixels } = await decode(bytes);
    const naive = Uint8Array.from(pixels);
    for (let at = 0; at < naive.length; at += 4) {
      const off = Math.max(255 - naive[at]!, 255 - naive[at + 1]!, 255 - naive[at + 2]!);
      naive[at + 3] = off < 8 ? 0 : off < 190 ? 128 : 255;
    }
    expect(haloOf({ pixels: naive, width, height: width }, red).mean).toBeGreaterThan(40);
  });
});

describe('openings and what only looks like one', () => {
  it('the ground seen through a handle, a chair back and a ring becomes transparent', async () => {
    const tyre = await normalised(on(lightGrey, flat(ring(0.5, 0.5, 0.3, 0.16))));
    expect(alphaAt(tyre.card, 0.5, 0.5)).toBe(0);
    const handle = await normalised(on(white, object(mug, teal)));
    expect(handle.steps).toContain('cut-openings');
    expect(compareWithMask(handle.card, handle.painted).iou).toBeGreaterThan(0.99);
    const back = await normalised(on(lightGrey, object(chair, red)));
    expect(compareWithMask(back.card, back.painted).iou).toBeGreaterThan(0.99);
  });

  it('parts in the colour of the ground inside the object stay as they are', async () => {
    const middle: Layer = { shape: circle(0.5, 0.5, 0.2), paint: plain(white), softness: 90 };
    const plate = await normalised(on(white, object(ball, [200, 205, 215]), middle));
    expect(plate.steps).not.toContain('cut-openings');
    expect(alphaAt(plate.card, 0.5, 0.5)).toBe(255);
    const glints = Array.from({ length: 6 }, (_, index) => flat(circle(0.35 + index * 0.06, 0.45, 0.006), white));
    const shiny = await normalised(on(white, object(ball), ...glints));
    expect(shiny.steps).not.toContain('cut-openings');
    expect(compareWithMask(shiny.card, shiny.painted).iou).toBeGreaterThan(0.998);
    const { pixels } = shiny.card;
    const bright = pixels.filter((level, at) => at % 4 === 1 && level > 240 && pixels[at + 2] === 255);
    expect(bright.length).toBeGreaterThan(500);
  });

  it('a pattern with colours near to the ground is not made translucent', async () => {
    const pattern: Layer = {
      shape: ball,
      paint: (x, y) => ((Math.floor(x * 20) + Math.floor(y * 20)) % 2 === 0 ? [150, 150, 148] : red),
    };
    const { card, painted } = await normalised(on(lightGrey, pattern));
    // Up to four pixels of the picture from the outline.
    const inner = circle(0.5, 0.5, 0.415);
    let translucent = 0;
    for (let at = 0; at < card.width * card.height; at++) {
      const [x, y] = [(at % card.width) / card.width, Math.floor(at / card.width) / card.width];
      if (inner(x, y) < 0 && card.pixels[at * 4 + 3]! < 250) translucent += 1;
    }
    expect(translucent).toBe(0);
    expect(compareWithMask(card, painted).iou).toBeGreaterThan(0.99);
  });

  it('a removed shadow leaves nothing', async () => {
    const { card, steps, painted } = await normalised(on(lightGrey, shadow(0.35, 90), flat(chest)));
    expect(steps).toEqual(['cut-out', 'remove-shadow', 'recentre']);
    const { box: object_ } = compareWithMask(card, painted);
    const visible = boxAround(card.width, card.height, (at) => card.pixels[at * 4 + 3]! > 0);
    expect(visible.bottom - object_.bottom).toBeLessThanOrEqual(8);
    expect(visible.right - object_.right).toBeLessThanOrEqual(8);
  });
});

describe('pictures that are transparent already', () => {
  it('one that passes keeps its bytes', async () => {
    for (const painting of [
      { layers: [object(ball)] },
      { layers: [object(chair)], format: 'webp', quality: 90 },
    ] as const) {
      const { bytes } = await paint(painting);
      const result = await normalise(bytes);
      expect(result).toMatchObject({ changed: false, steps: [] });
      expect(result.bytes).toBe(bytes);
      expect(result.skipped?.message).toContain('already transparent');
    }
  });

  it('one off the middle is centred and keeps its alpha and openings', async () => {
    const { card, painted, steps } = await normalised({
      layers: [flat(union(without(box(0.05, 0.1, 0.6, 0.7), box(0.2, 0.25, 0.4, 0.5))))],
    });
    expect(steps).toEqual(['recentre']);
    expect(compareWithMask(card, painted).iou).toBeGreaterThan(0.998);
    expect(haloOf(card, red).mean).toBeLessThan(2);
  });

  it('a card is normalised only once', async () => {
    const { bytes } = await paint(on(lightGrey, object(chair)));
    const first = await normalise(bytes);
    const second = await normalise(first.bytes);
    expect(second.changed).toBe(false);
    expect(second.bytes).toBe(first.bytes);
  });
});

describe('what is made', () => {
  it('the same bytes from the same bytes, because caches of 3D models use their hash', async () => {
    const { bytes } = await paint({ ...on(lightGrey, object(mug, teal)), grain: 3 });
    const [one, two] = [await normalise(bytes), await normalise(bytes)];
    expect(Buffer.compare(one.bytes, two.bytes)).toBe(0);
  });

  it('has the requested side and share', async () => {
    const { card, painted } = await normalised(on(lightGrey, flat(chest)), { side: 640, share: 0.7 });
    expect([card.width, card.height]).toEqual([640, 640]);
    const { box: found } = compareWithMask(card, painted, 0.7);
    expect(found.right - found.left).toBe(448);
  });

  it('a landscape picture becomes a square with the whole object', async () => {
    const { card, painted } = await normalised({
      ...on(lightGrey, flat(circle(0.5, 0.35, 0.28))),
      width: 1024,
      height: 768,
    });
    expect([card.width, card.height]).toEqual([1024, 1024]);
    expect(compareWithMask(card, painted).iou).toBeGreaterThan(0.998);
  });
});

it('says the same about its making as its source', async () => {
  const source = { aigcText: '{"Label":"1","ContentProducer":"service"}', exif: { Software: 'Painter' } };
  const { bytes } = await paint(on(white, flat(ball)));
  const card = await prepareCard(labelPicture(bytes, source));
  expect(card.changed).toBe(true);
  expect(readMetadata(card.bytes)).toEqual(source);
  expect(card.gate.checks.every(({ passed }) => passed)).toBe(true);
});
