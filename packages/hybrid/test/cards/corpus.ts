import type { CardCheckName } from '../../src/cards/index.ts';
import type { Layer, Painting, Rgb, Shape } from './painter.ts';
import { box, checkered, circle, line, plain, ring, shaded, slope, union, vignette, without } from './painter.ts';

export interface CorpusCase {
  readonly name: string;
  readonly painting: Painting;
  /** What the gate has to say of it as it is. */
  readonly expected: 'passed' | 'failed';
  /** Checks of which at least one has to be the reason. */
  readonly because?: readonly CardCheckName[];
}

export const white: Rgb = [255, 255, 255];
export const lightGrey: Rgb = [238, 238, 236];
const grey: Rgb = [128, 128, 128];
export const red: Rgb = [170, 50, 40];
const teal: Rgb = [30, 110, 120];
const wood: Rgb = [140, 95, 55];
const dark: Rgb = [40, 38, 44];
const porcelain: Rgb = [250, 249, 246];

export const ball = circle(0.5, 0.5, 0.38);
export const chest = box(0.14, 0.24, 0.86, 0.78, 0.03);
export const mug = union(box(0.2, 0.15, 0.68, 0.85, 0.04), ring(0.7, 0.5, 0.15, 0.07));
export const chair = union(
  without(box(0.27, 0.1, 0.73, 0.55, 0.01), box(0.33, 0.16, 0.46, 0.5), box(0.52, 0.16, 0.67, 0.5)),
  box(0.24, 0.53, 0.76, 0.62, 0.01),
  box(0.25, 0.6, 0.3, 0.9),
  box(0.7, 0.6, 0.75, 0.9),
);
export const lamp = union(
  box(0.33, 0.1, 0.67, 0.35, 0.02),
  box(0.492, 0.3, 0.508, 0.88),
  box(0.36, 0.86, 0.64, 0.91, 0.02),
);
const sword = line(0.2, 0.84, 0.8, 0.16, 0.02);
const tyre = ring(0.5, 0.5, 0.3, 0.16);

export function object(shape: Shape, color: Rgb = red): Layer {
  return { shape, paint: shaded(color, 0.4) };
}

function on(ground: Rgb, ...layers: readonly Layer[]): Painting {
  return { ground: plain(ground), layers };
}

/** A soft shadow under an object: `depth` of black, fading over `softness` pixels. */
export function shadow(depth: number, softness: number, shape: Shape = box(0.2, 0.74, 0.9, 0.84, 0.05)): Layer {
  return { shape, paint: plain([0, 0, 0]), opacity: depth, softness, isObject: false };
}

const passing: readonly (readonly [string, Painting])[] = [
  ['red ball on white', on(white, object(ball))],
  ['red ball on light grey', on(lightGrey, object(ball))],
  ['red ball on mid grey', on(grey, object(ball))],
  ['red ball on black', on([0, 0, 0], object(ball))],
  ['red ball on a green screen', on([40, 200, 70], object(ball))],
  ['red ball on pale blue', on([205, 220, 235], object(ball))],
  ['wooden chest', on(lightGrey, object(chest, wood))],
  ['dark chest on mid grey', on(grey, object(chest, dark))],
  ['porcelain on mid grey', on(grey, object(mug, porcelain))],
  ['porcelain on light grey, 12 levels apart, crisp', on([232, 232, 230], { shape: ball, paint: plain(porcelain) })],
  ['mug with a handle', on(white, object(mug, teal))],
  ['chair with openings', on(lightGrey, object(chair, wood))],
  ['chair on white', on(white, object(chair, dark))],
  ['floor lamp with a thin pole', on(lightGrey, object(lamp, teal))],
  ['sword', on(lightGrey, object(sword, dark))],
  ['tyre', on(lightGrey, object(tyre, dark))],
  ['patterned object', on(lightGrey, { shape: ball, paint: checkered(red, teal, 12) })],
  [
    'object with a detail in the colour of the ground',
    on(lightGrey, object(ball), { shape: circle(0.42, 0.42, 0.01), paint: plain(lightGrey) }),
  ],
  [
    'plate with a soft white middle',
    on(white, object(ball, [200, 205, 215]), { shape: circle(0.5, 0.5, 0.2), paint: plain(white), softness: 90 }),
  ],
  ['object of 55 percent', on(lightGrey, object(circle(0.5, 0.5, 0.275)))],
  ['object of 85 percent', on(lightGrey, object(circle(0.5, 0.5, 0.425)))],
  ['object of 96 percent', on(lightGrey, object(circle(0.5, 0.5, 0.48)))],
  ['object off the middle', on(lightGrey, object(circle(0.4, 0.6, 0.3)))],
  ['1024 pixels', { ...on(lightGrey, object(ball)), width: 1024 }],
  [
    '1024 pixels, JPEG 75 with openings',
    { ...on(lightGrey, object(chair, wood)), width: 1024, format: 'jpeg', quality: 75 },
  ],
  ['768 pixels', { ...on(white, object(mug, teal)), width: 768 }],
  ['1536 pixels', { ...on(lightGrey, object(ball)), width: 1536 }],
  ['2100 pixels', { ...on(lightGrey, object(chest, wood)), width: 2100 }],
  ['slight gradient down', { ground: slope([225, 225, 225], 16), layers: [object(ball)] }],
  ['slight gradient across', { ground: slope([225, 228, 230], 24, false), layers: [object(mug, teal)] }],
  ['slight vignette', { ground: vignette([240, 240, 240], 18), layers: [object(chair, wood)] }],
  ['fine grain', { ...on(lightGrey, object(ball)), grain: 2 }],
  ['grain of 4 levels', { ...on(lightGrey, object(mug, teal)), grain: 4 }],
  ['grain on a gradient', { ground: slope([225, 225, 225], 16), layers: [object(chair, wood)], grain: 2 }],
  ['JPEG 90', { ...on(lightGrey, object(ball)), format: 'jpeg', quality: 90 }],
  ['JPEG 75 with openings', { ...on(lightGrey, object(chair, wood)), format: 'jpeg', quality: 75 }],
  ['JPEG 60 on white', { ...on(white, object(mug, teal)), format: 'jpeg', quality: 60 }],
  ['PNG that was JPEG 50', { ...on(lightGrey, object(chest, wood)), compressedAt: 50 }],
  ['WebP 75', { ...on(lightGrey, object(ball)), format: 'webp', quality: 75 }],
  ['faint wide shadow that nobody sees', on(lightGrey, shadow(0.02, 120), object(chest, wood))],
  ['transparent ball', { layers: [object(ball)] }],
  ['transparent chair', { layers: [object(chair, wood)] }],
  ['transparent lamp with a thin pole', { layers: [object(lamp, teal)] }],
  ['transparent white object', { layers: [object(mug, white)] }],
  ['transparent WebP', { layers: [object(mug, teal)], format: 'webp', quality: 90 }],
];

const failing: readonly (readonly [string, Painting, readonly CardCheckName[]])[] = [
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
  ['soft cast shadow', on(lightGrey, shadow(0.35, 90), object(chest, wood)), ['shadow', 'isolated']],
  [
    'soft contact shadow below',
    on(white, shadow(0.25, 60, box(0.1, 0.72, 0.9, 0.84, 0.06)), object(chest, red)),
    ['shadow', 'isolated'],
  ],
  [
    'wide drop shadow',
    on([225, 228, 235], shadow(0.3, 70, circle(0.56, 0.58, 0.36)), object(circle(0.46, 0.46, 0.34), teal)),
    ['shadow', 'isolated'],
  ],
  ['shadow and grain', { ...on(lightGrey, shadow(0.35, 80), object(chest, wood)), grain: 2 }, ['shadow', 'isolated']],
  [
    'glow around the object',
    on(
      grey,
      { shape: ball, paint: plain(white), opacity: 0.3, softness: 160, isObject: false },
      object(circle(0.5, 0.5, 0.28)),
    ),
    ['shadow', 'isolated'],
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
  ['opaque alpha', { ...on(lightGrey, object(ball)), opaqueAlpha: true }, ['alpha']],
  ['opaque alpha with openings', { ...on(white, object(chair, wood)), opaqueAlpha: true }, ['alpha']],
  ['translucent object', { layers: [{ ...object(ball), opacity: 0.6 }] }, ['alpha', 'isolated']],
  ['tiny object', on(lightGrey, object(circle(0.5, 0.5, 0.06))), ['frame-share']],
  ['small object', on(white, object(circle(0.5, 0.5, 0.2))), ['frame-share']],
  ['small transparent object', { layers: [object(circle(0.5, 0.5, 0.2))] }, ['frame-share']],
  ['landscape format', { ...on(lightGrey, object(circle(0.5, 0.35, 0.28))), width: 1024, height: 768 }, ['square']],
  ['portrait format', { ...on(lightGrey, object(circle(0.35, 0.5, 0.28))), width: 768, height: 1024 }, ['square']],
  ['256 pixels', { ...on(lightGrey, object(ball)), width: 256 }, ['resolution']],
];

/** Generated pictures with the verdict that is due. */
export const corpus: readonly CorpusCase[] = [
  ...passing.map(([name, painting]) => ({ name, painting, expected: 'passed' as const })),
  ...failing.map(([name, painting, because]) => ({ name, painting, expected: 'failed' as const, because })),
];
