import type { Layer, Painting, Rgb, Shape } from './painter.ts';
import { box, circle, line, plain, ring, shaded, union, without } from './painter.ts';

export const white: Rgb = [255, 255, 255];
export const lightGrey: Rgb = [238, 238, 236];
export const grey: Rgb = [128, 128, 128];
export const red: Rgb = [170, 50, 40];
export const teal: Rgb = [30, 110, 120];
export const wood: Rgb = [140, 95, 55];
export const dark: Rgb = [40, 38, 44];
export const porcelain: Rgb = [250, 249, 246];

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
export const sword = line(0.2, 0.84, 0.8, 0.16, 0.02);
export const tyre = ring(0.5, 0.5, 0.3, 0.16);

export function object(shape: Shape, color: Rgb = red): Layer {
  return { shape, paint: shaded(color, 0.4) };
}

export function on(ground: Rgb, ...layers: readonly Layer[]): Painting {
  return { ground: plain(ground), layers };
}

/** A soft shadow under an object: `depth` of black, fading over `softness` pixels. */
export function shadow(depth: number, softness: number, shape: Shape = box(0.2, 0.74, 0.9, 0.84, 0.05)): Layer {
  return { shape, paint: plain([0, 0, 0]), opacity: depth, softness, isObject: false };
}
