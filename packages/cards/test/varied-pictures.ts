import type { Layer, Painting, Rgb, Shape } from './painter.ts';
import { box, checkered, circle, line, plain, ring, shaded, union, without } from './painter.ts';
import { randomFrom } from './random.ts';
import { chair, lamp, mug, on } from './shapes.ts';

/** Another shape, colour and light for each seed. Limits were chosen with odd seeds; the corpus has even ones. */
type Varied = (seed: number) => Painting;

const grounds: readonly Rgb[] = [
  [255, 255, 255],
  [238, 238, 236],
  [225, 228, 235],
  [235, 225, 205],
  [200, 215, 205],
];
const colors: readonly Rgb[] = [
  [170, 50, 40],
  [30, 110, 120],
  [140, 95, 55],
  [210, 160, 40],
  [60, 70, 150],
  [120, 50, 110],
  [70, 120, 50],
];
const greys: readonly Rgb[] = [
  [150, 150, 150],
  [110, 112, 116],
  [90, 88, 86],
];

interface Dice {
  readonly random: () => number;
  pick<T>(all: readonly T[]): T;
  between(low: number, high: number): number;
  /** Flat, or with light from the upper left. */
  layer(shape: Shape, color?: Rgb): Layer;
  on(...layers: readonly Layer[]): Painting;
}

function dice(seed: number): Dice {
  const random = randomFrom(seed * 7919);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  const between = (low: number, high: number): number => low + (high - low) * random();
  return {
    random,
    pick,
    between,
    layer: (shape, color = pick(colors)) => ({ shape, paint: random() < 0.5 ? plain(color) : shaded(color, 0.4) }),
    on: (...layers) => ({
      ...on(pick(grounds), ...layers),
      grain: pick([0, 0, 1.5]),
      seed,
      ...(random() < 0.3 ? { format: 'jpeg', quality: 85 } : {}),
    }),
  };
}

/** A shadow with a hard edge, on the ground beside or below the object. */
export const hardShadow: Varied = (seed) => {
  const { pick, between, layer, on: onGround } = dice(seed);
  const [depth, x, foot] = [between(0.15, 0.5), between(0.4, 0.5), between(0.7, 0.8)];
  const wide = between(0.12, 0.2);
  const body = pick([
    box(x - wide, 0.18, x + wide, foot, 0.03),
    circle(x, foot - 0.25, 0.25),
    union(box(x - wide, 0.3, x + wide, foot), circle(x, 0.3, wide)),
    union(box(x - 0.2, 0.35, x + 0.2, 0.45), box(x - 0.2, 0.4, x - 0.15, foot), box(x + 0.15, 0.4, x + 0.2, foot)),
  ]);
  const ellipse = (middleX: number, middleY: number, across: number, down: number): Shape => {
    return (px, py) => (Math.hypot((px - middleX) / across, (py - middleY) / down) - 1) * down;
  };
  const cast = pick([
    ellipse(x + between(-0.04, 0.08), foot, between(0.24, 0.34), between(0.04, 0.07)),
    line(x, foot - 0.02, x + between(0.3, 0.4), foot - between(-0.06, 0.06), between(0.07, 0.12)),
    box(x - wide, foot - 0.05, x + between(0.3, 0.42), foot + between(0.02, 0.05)),
  ]);
  return onGround({ shape: cast, paint: plain([0, 0, 0]), opacity: depth, isObject: false }, layer(body));
};

/** Two things side by side, or one upon the other, that touch. */
export const touchingPair: Varied = (seed) => {
  const { random, pick, between, layer, on: onGround } = dice(seed);
  const overlap = between(0.005, 0.02);
  const [one, other] = [between(0.17, 0.2), between(0.13, 0.19)];
  const foot = 0.72;
  const middle = 0.12 + 2 * one - overlap;
  const round = circle(0.12 + one, foot - one, one);
  const bottle = union(
    box(middle, foot - 0.35, middle + 2 * other, foot, 0.08),
    circle(middle + other, foot - 0.36, 0.07),
  );
  const [left, right] = pick([
    [round, circle(middle + other, foot - other, other)],
    [round, box(middle, foot - 2 * other, middle + 2 * other, foot, 0.02)],
    [round, bottle],
    [circle(0.5, 0.28 + overlap, 0.18), box(0.25, 0.46, 0.75, 0.85, 0.03)],
    [circle(0.45, 0.3, 0.2), circle(0.55, 0.68 - overlap, 0.2)],
  ]);
  const color = random() < 0.4 ? pick(colors) : undefined;
  return onGround(layer(left, color), layer(right, color));
};

/** A ground with a pattern. */
export const texturedGround: Varied = (seed) => {
  const { pick, between, layer } = dice(seed);
  const [dark, light] = [pick(colors), pick(grounds)];
  const [tiles, wave] = [Math.round(between(6, 24)), between(20, 60)];
  const mixed = (share: number): Rgb =>
    [0, 1, 2].map((at) => light[at]! + (dark[at]! - light[at]!) * share) as unknown as Rgb;
  const ground = pick([
    checkered(mixed(0.5), light, tiles),
    (x: number, y: number): Rgb => mixed(0.3 + 0.3 * Math.sin(wave * x + 3 * Math.sin(wave * 0.3 * y))),
    (x: number, y: number): Rgb => mixed(Math.sin(wave * x) * Math.sin(wave * y) > 0 ? 0.4 : 0),
    (_: number, y: number): Rgb => mixed(Math.floor(y * tiles) % 2 === 0 ? 0.5 : 0.1),
  ]);
  return { ground, layers: [layer(pick([mug, chair, circle(0.5, 0.5, 0.35)]))], seed };
};

/** An object on a glossy floor. */
export const reflected: Varied = (seed) => {
  const { pick, between, layer, on: onGround } = dice(seed);
  const [foot, strength, wide] = [between(0.5, 0.53), between(0.15, 0.6), between(0.14, 0.19)];
  const parts = pick([
    [
      layer(box(0.5 - wide, 0.12, 0.5 + wide, foot, 0.02)),
      layer(box(0.5 - wide / 2, 0.35, 0.5 + wide / 2, foot - 0.06)),
    ],
    [layer(circle(0.5, foot - wide, wide)), layer(box(0.5 - wide, 0.2, 0.5 + wide, foot - wide))],
    [layer(union(box(0.3, 0.2, 0.7, 0.35), box(0.3, 0.3, 0.36, foot), box(0.64, 0.3, 0.7, foot)))],
  ]);
  const mirrored = parts.map(({ shape, paint }): Layer => ({
    shape: (x, y) => Math.max(shape(x, 2 * foot - y), foot - y),
    paint: (x, y) => paint(x, 2 * foot - y),
    opacity: strength,
    isObject: false,
  }));
  // One reflection, not one of each part through the other.
  return onGround(merged(mirrored, strength), ...parts);
};

/** Layers as one, so that they let the ground through once. */
function merged(layers: readonly Layer[], opacity: number): Layer {
  return {
    shape: union(...layers.map(({ shape }) => shape)),
    paint: (x, y) => (layers.findLast(({ shape }) => shape(x, y) <= 0) ?? layers[0]!).paint(x, y),
    opacity,
    isObject: false,
  };
}

/** One thing with grey parts, legs, handles, or flat colours. */
export const singleObject: Varied = (seed) => {
  const { pick, between, layer, on: onGround } = dice(seed);
  const grey = pick(greys);
  const [x, wide] = [between(0.45, 0.5), between(0.2, 0.28)];
  const leg = between(0.03, 0.06);
  const [bend, rise] = [between(0.1, 0.15), between(0.25, 0.4)];
  const makers: readonly (() => readonly Layer[])[] = [
    // Table with grey legs.
    () => [
      layer(union(box(x - wide, 0.4, x - wide + leg, 0.85), box(x + wide - leg, 0.4, x + wide, 0.85)), grey),
      layer(box(x - wide - 0.05, 0.32, x + wide + 0.05, 0.42, 0.01)),
    ],
    // Mug, its handle grey.
    () => [layer(ring(x + 0.22, 0.5, bend, 0.06), grey), layer(box(x - 0.25, 0.2, x + 0.2, 0.8, 0.04))],
    // Hammer.
    () => [
      layer(box(x - 0.03, 0.3, x + 0.03, 0.88, 0.01)),
      layer(box(x - wide, 0.18, x + wide * 0.7, 0.34, 0.02), grey),
    ],
    // Cart with grey wheels.
    () => [
      layer(union(circle(x - 0.18, 0.72, 0.09), circle(x + 0.18, 0.72, 0.09)), grey),
      layer(box(x - 0.32, rise, x + 0.32, 0.68, 0.03)),
    ],
    // Bottle with a cap.
    () => [
      layer(union(box(x - 0.14, 0.35, x + 0.14, 0.88, 0.05), box(x - 0.05, 0.2, x + 0.05, 0.4))),
      layer(box(x - 0.06, 0.12, x + 0.06, 0.2), grey),
    ],
    // Spanner, flat grey.
    () => [
      layer(
        union(line(0.25, 0.75, 0.7, 0.3, 0.08), without(circle(0.72, 0.28, 0.12), box(0.68, 0.12, 0.76, 0.26))),
        grey,
      ),
    ],
    // Chair and floor lamp.
    () => [layer(chair)],
    () => [layer(lamp)],
    // Box with a band, and with a lid of a second colour.
    () => [layer(box(x - wide, 0.2, x + wide, 0.8, 0.02)), layer(box(x - wide, rise, x + wide, rise + 0.1))],
    () => [
      layer(box(x - wide, 0.3, x + wide, 0.8, 0.02)),
      layer(box(x - wide - 0.02, 0.2, x + wide + 0.02, 0.34, 0.02)),
    ],
    // Goblet.
    () => [layer(union(circle(x, 0.3, 0.18), box(x - 0.03, 0.4, x + 0.03, 0.8), box(x - 0.14, 0.78, x + 0.14, 0.84)))],
    // Robot: head, body, two legs.
    () => [
      layer(union(box(x - 0.12, 0.6, x - 0.04, 0.9), box(x + 0.04, 0.6, x + 0.12, 0.9)), grey),
      layer(box(x - 0.2, 0.34, x + 0.2, 0.65, 0.03)),
      layer(box(x - 0.12, 0.1, x + 0.12, 0.36, 0.04)),
    ],
  ];
  return onGround(...makers[Math.floor(seed / 2) % makers.length]!());
};
