import type { CardCheckName } from '../src/index.ts';
import type { Painting, Rgb } from './painter.ts';
import { box, checkered, circle, plain, ring, slope, vignette, without } from './painter.ts';
import {
  ball,
  chair,
  chest,
  dark,
  grey,
  lightGrey,
  mug,
  object,
  on,
  red,
  shadow,
  teal,
  white,
  wood,
} from './shapes.ts';

/** A picture that must fail the gate, and the checks that may name the reason. */
type FailingPicture = readonly [
  name: string,
  painting: Painting,
  because: readonly CardCheckName[],
  /** The normaliser can make a good card of it. */
  repaired?: 'repaired',
];

export const failingPictures: readonly FailingPicture[] = [
  ['nothing but ground', on(lightGrey), ['isolated']],
  ['nothing but grain', { ...on(lightGrey), grain: 3 }, ['isolated']],
  ['transparent and empty', { layers: [] }, ['isolated']],
  ['white ball on white, the same colour', on(white, { shape: ball, paint: plain(white) }), ['isolated']],
  ['white ball on white, five levels apart', on(white, { shape: ball, paint: plain([250, 250, 250]) }), ['isolated']],
  [
    'white ball on white, shaded on one side only',
    on(white, {
      shape: ball,
      paint: (x, y) => Array<number>(3).fill(255 - 90 * Math.max(0, x + y - 1)) as unknown as Rgb,
    }),
    ['isolated', 'shadow'],
  ],
  [
    'white ball on white with a dark stripe',
    on(white, { shape: ball, paint: plain([252, 252, 252]) }, { shape: box(0.2, 0.46, 0.8, 0.54), paint: plain(dark) }),
    ['isolated'],
  ],
  [
    'white ball on white, drawn as an outline',
    on(white, { shape: ring(0.5, 0.5, 0.38, 0.008), paint: plain(grey) }),
    ['isolated'],
  ],
  [
    'white ball on white, faint outline',
    on(white, { shape: ring(0.5, 0.5, 0.38, 0.004), paint: plain([238, 238, 238]) }),
    ['isolated'],
  ],
  [
    'light object whose shading fades into the ground',
    on(lightGrey, {
      shape: chest,
      paint: (x) => [238 - 120 * (x - 0.14), 238 - 120 * (x - 0.14), 236 - 120 * (x - 0.14)],
    }),
    ['isolated', 'shadow'],
  ],
  ['object cut off at the bottom', on(lightGrey, object(box(0.25, 0.3, 0.75, 1.2))), ['edge-contact']],
  ['object cut off at the left', on(lightGrey, object(circle(0.2, 0.5, 0.35))), ['edge-contact']],
  ['object cut off at two edges', on(white, object(box(0.4, -0.1, 0.6, 1.1))), ['edge-contact']],
  ['object that touches the top by two pixels', on(lightGrey, object(box(0.25, 0.002, 0.75, 0.8))), ['edge-contact']],
  [
    'object that fills the frame',
    on(red, object(box(0.003, 0.003, 0.997, 0.997), teal), object(ball, wood)),
    ['edge-contact', 'frame-share', 'one-object', 'isolated', 'ground-plain'],
  ],
  ['transparent object cut off', { layers: [object(circle(0.5, 0.8, 0.4))] }, ['edge-contact']],
  ['soft cast shadow', on(lightGrey, shadow(0.35, 90), object(chest, wood)), ['shadow', 'isolated'], 'repaired'],
  [
    'soft contact shadow below',
    on(white, shadow(0.25, 60, box(0.1, 0.72, 0.9, 0.84, 0.06)), object(chest, red)),
    ['shadow', 'isolated'],
    'repaired',
  ],
  [
    'wide drop shadow',
    on([225, 228, 235], shadow(0.3, 70, circle(0.56, 0.58, 0.36)), object(circle(0.46, 0.46, 0.34), teal)),
    ['shadow', 'isolated'],
    'repaired',
  ],
  [
    'shadow and grain',
    { ...on(lightGrey, shadow(0.35, 80), object(chest, wood)), grain: 2 },
    ['shadow', 'isolated'],
    'repaired',
  ],
  [
    'glow around the object',
    on(
      grey,
      { shape: ball, paint: plain(white), opacity: 0.3, softness: 160, isObject: false },
      object(circle(0.5, 0.5, 0.28)),
    ),
    ['shadow', 'isolated'],
    'repaired',
  ],
  [
    'strong gradient',
    { ground: slope([180, 180, 180], 120), layers: [object(ball)] },
    ['ground-gradient', 'ground-plain'],
  ],
  [
    'strong vignette',
    { ground: vignette([240, 240, 240], 110), layers: [object(ball)] },
    ['ground-gradient', 'ground-plain'],
  ],
  [
    'wall and floor',
    { ground: (_, y) => (y < 0.6 ? [225, 222, 215] : [150, 110, 80]), layers: [object(ball)] },
    ['ground-plain', 'edge-contact'],
  ],
  [
    'wall and floor of nearly one colour',
    { ground: (_, y) => (y < 0.6 ? [225, 222, 215] : [205, 202, 195]), layers: [object(ball)] },
    ['ground-plain', 'edge-contact', 'ground-gradient', 'isolated'],
  ],
  ['coarse grain', { ...on(grey, object(ball)), grain: 16 }, ['ground-noise']],
  [
    'checkered ground',
    { ground: checkered([200, 200, 200], [255, 255, 255], 32), layers: [object(ball)] },
    ['ground-plain', 'ground-noise', 'edge-contact'],
  ],
  [
    'fine stripes on the ground',
    { ground: (x) => (Math.floor(x * 128) % 2 === 0 ? [230, 230, 230] : [206, 206, 206]), layers: [object(ball)] },
    ['ground-noise', 'edge-contact', 'one-object', 'isolated'],
  ],
  ['two balls', on(lightGrey, object(circle(0.28, 0.5, 0.2)), object(circle(0.74, 0.5, 0.18), teal)), ['one-object']],
  [
    'a large and a small object',
    on(white, object(circle(0.42, 0.45, 0.32)), object(circle(0.86, 0.86, 0.06), teal)),
    ['one-object'],
  ],
  [
    'three objects in a row',
    on(lightGrey, ...[0.2, 0.5, 0.8].map((x) => object(box(x - 0.1, 0.3, x + 0.1, 0.7), wood))),
    ['one-object'],
  ],
  [
    'two transparent objects',
    { layers: [object(circle(0.28, 0.5, 0.2)), object(circle(0.74, 0.5, 0.18), teal)] },
    ['one-object'],
  ],
  [
    'mark in the lower right corner',
    on(
      lightGrey,
      object(ball),
      ...[0, 1, 2, 3].map((index) => ({
        shape: box(0.86 + index * 0.03, 0.95, 0.88 + index * 0.03, 0.98),
        paint: plain(grey),
      })),
    ),
    ['one-object'],
  ],
  [
    'loose confetti',
    on(
      lightGrey,
      object(circle(0.5, 0.5, 0.3)),
      ...Array.from({ length: 40 }, (_, index) =>
        object(
          circle(
            0.08 + (index % 8) * 0.12,
            index < 16 ? 0.05 + Math.floor(index / 8) * 0.08 : 0.7 + Math.floor(index / 8) * 0.08,
            0.008,
          ),
        ),
      ),
    ),
    ['one-object'],
  ],
  ['opaque alpha', { ...on(lightGrey, object(ball)), opaqueAlpha: true }, ['alpha'], 'repaired'],
  ['opaque alpha with openings', { ...on(white, object(chair, wood)), opaqueAlpha: true }, ['alpha'], 'repaired'],
  ['translucent object', { layers: [{ ...object(ball), opacity: 0.6 }] }, ['alpha', 'isolated']],
  ['tiny object', on(lightGrey, object(circle(0.5, 0.5, 0.06))), ['frame-share']],
  ['small object', on(white, object(circle(0.5, 0.5, 0.2))), ['frame-share']],
  ['small transparent object', { layers: [object(circle(0.5, 0.5, 0.2))] }, ['frame-share']],
  [
    'landscape format',
    { ...on(lightGrey, object(circle(0.5, 0.35, 0.28))), width: 1024, height: 768 },
    ['square'],
    'repaired',
  ],
  [
    'portrait format',
    { ...on(lightGrey, object(circle(0.35, 0.5, 0.28))), width: 768, height: 1024 },
    ['square'],
    'repaired',
  ],
  ['256 pixels', { ...on(lightGrey, object(ball)), width: 256 }, ['resolution']],
  [
    'faint mark in the lower right corner',
    on(
      lightGrey,
      object(ball),
      ...[0, 1, 2, 3].map((index) => ({
        shape: box(0.86 + index * 0.03, 0.95, 0.88 + index * 0.03, 0.98),
        paint: plain([226, 226, 224]),
      })),
    ),
    ['one-object', 'isolated'],
  ],
  [
    'mark in a corner of a transparent picture',
    { layers: [object(ball), { shape: box(0.86, 0.94, 0.97, 0.98), paint: plain(grey) }] },
    ['one-object'],
  ],
  [
    'transparency drawn as fine squares',
    { ground: checkered([204, 204, 204], [255, 255, 255], 64), layers: [object(ball)] },
    ['ground-plain', 'ground-noise', 'edge-contact', 'isolated', 'one-object'],
  ],
  [
    'transparency drawn as pale squares',
    { ground: checkered([239, 239, 239], [255, 255, 255], 32), layers: [object(mug, teal)] },
    ['ground-plain', 'ground-noise', 'edge-contact', 'isolated', 'one-object'],
  ],
  [
    'drawn frame',
    on(
      lightGrey,
      { shape: without(box(0.02, 0.02, 0.98, 0.98), box(0.03, 0.03, 0.97, 0.97)), paint: plain(dark) },
      object(circle(0.5, 0.5, 0.3)),
    ),
    ['one-object', 'frame-share'],
  ],
  [
    'frame at the edge',
    on(
      lightGrey,
      { shape: without(box(-0.1, -0.1, 1.1, 1.1), box(0.02, 0.02, 0.98, 0.98)), paint: plain(dark) },
      object(circle(0.5, 0.5, 0.3)),
    ),
    ['one-object', 'edge-contact', 'isolated', 'frame-share'],
  ],
  [
    'thin frame at the edge',
    on(
      lightGrey,
      { shape: without(box(-0.1, -0.1, 1.1, 1.1), box(0.005, 0.005, 0.995, 0.995)), paint: plain(dark) },
      object(ball),
    ),
    ['one-object', 'edge-contact', 'isolated', 'frame-share', 'ground-plain'],
  ],
  [
    'object on a rounded plate',
    on(grey, { shape: box(0.03, 0.03, 0.97, 0.97, 0.06), paint: plain(white) }, object(ball)),
    ['isolated', 'frame-share'],
  ],
  [
    'shadow that leaves the frame',
    on(lightGrey, shadow(0.3, 60, box(0.5, 0.7, 1.2, 0.8)), object(box(0.2, 0.2, 0.75, 0.78), wood)),
    ['shadow', 'isolated', 'edge-contact'],
    'repaired',
  ],
  [
    'reflection below',
    on(white, object(box(0.25, 0.1, 0.75, 0.7), wood), {
      shape: box(0.25, 0.7, 0.75, 0.95),
      paint: (_, y) => {
        const share = 0.45 * Math.max(0, 1 - (y - 0.7) / 0.25);
        return [255 - 115 * share, 255 - 160 * share, 255 - 200 * share];
      },
      isObject: false,
    }),
    ['isolated', 'shadow', 'edge-contact'],
  ],
  [
    'two objects joined by a shadow',
    on(
      lightGrey,
      shadow(0.3, 60, box(0.1, 0.6, 0.9, 0.75)),
      object(box(0.1, 0.3, 0.45, 0.7), wood),
      object(box(0.55, 0.3, 0.9, 0.7), teal),
    ),
    ['one-object', 'shadow', 'isolated'],
  ],
  [
    'gradient between two hues',
    { ground: (x) => [230 - 80 * x, 200, 150 + 80 * x], layers: [object(ball)] },
    ['ground-gradient', 'ground-plain'],
  ],
  [
    'spotlight on the ground',
    {
      ground: (x, y) => {
        const light = 150 + 90 * Math.exp(-((x - 0.5) ** 2 + (y - 0.5) ** 2) * 6);
        return [light, light, light];
      },
      layers: [object(circle(0.5, 0.5, 0.3))],
    },
    ['ground-gradient', 'shadow', 'isolated', 'edge-contact'],
  ],
  [
    'thin horizon',
    { ground: (_, y) => (Math.abs(y - 0.62) < 0.003 ? [150, 150, 150] : lightGrey), layers: [object(ball)] },
    ['edge-contact', 'frame-share'],
  ],
  [
    'transparent object on a half transparent ground',
    { layers: [{ shape: () => -1, paint: plain(white), opacity: 0.5, isObject: false }, object(ball)] },
    ['alpha'],
    'repaired',
  ],
  ['transparent object with a soft shadow', { layers: [shadow(0.35, 60), object(chest, wood)] }, ['alpha']],
  ['object that fades out to transparency', { layers: [{ ...object(ball), softness: 400 }] }, ['alpha']],
  ['file that breaks off', { ...on(lightGrey, object(ball)), keep: 0.6 }, ['decodes']],
  ['JPEG that breaks off', { ...on(lightGrey, object(ball)), format: 'jpeg', keep: 0.6 }, ['decodes']],
  ['empty file', { ...on(lightGrey, object(ball)), keep: 0 }, ['decodes']],
];
