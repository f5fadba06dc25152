import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { randomFrom } from './random.ts';

export type Rgb = readonly [number, number, number];
/** Signed distance to an outline, negative inside. All lengths are shares of the frame's side. */
export type Shape = (x: number, y: number) => number;
export type Paint = (x: number, y: number) => Rgb;

/** Much faster than `Math.hypot`. */
const distance = (x: number, y: number): number => Math.sqrt(x * x + y * y);

export const circle =
  (centerX: number, centerY: number, radius: number): Shape =>
  (x, y) =>
    distance(x - centerX, y - centerY) - radius;

export const box =
  (left: number, top: number, right: number, bottom: number, corner = 0): Shape =>
  (x, y) => {
    const dx = Math.abs(x - (left + right) / 2) - (right - left) / 2 + corner;
    const dy = Math.abs(y - (top + bottom) / 2) - (bottom - top) / 2 + corner;
    return distance(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - corner;
  };

export const ring =
  (centerX: number, centerY: number, radius: number, width: number): Shape =>
  (x, y) =>
    Math.abs(distance(x - centerX, y - centerY) - radius) - width / 2;

export const line =
  (fromX: number, fromY: number, toX: number, toY: number, width: number): Shape =>
  (x, y) => {
    const [dx, dy] = [toX - fromX, toY - fromY];
    const along = Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy)));
    return distance(x - fromX - along * dx, y - fromY - along * dy) - width / 2;
  };

export const union =
  (...shapes: readonly Shape[]): Shape =>
  (x, y) => {
    let nearest = Infinity;
    for (const shape of shapes) nearest = Math.min(nearest, shape(x, y));
    return nearest;
  };

export const without =
  (shape: Shape, ...cuts: readonly Shape[]): Shape =>
  (x, y) => {
    let off = shape(x, y);
    for (const cut of cuts) off = Math.max(off, -cut(x, y));
    return off;
  };

export const plain =
  (color: Rgb): Paint =>
  () =>
    color;

/** A slope of brightness over the frame, `range` levels from one side to the other. */
export const slope =
  (color: Rgb, range: number, downwards = true): Paint =>
  (x, y) => {
    const off = ((downwards ? y : x) - 0.5) * range;
    return [color[0] + off, color[1] + off, color[2] + off];
  };

/** Darker towards the corners, `range` levels. */
export const vignette =
  (color: Rgb, range: number): Paint =>
  (x, y) => {
    const off = -range * Math.min(1, ((x - 0.5) ** 2 + (y - 0.5) ** 2) * 2);
    return [color[0] + off, color[1] + off, color[2] + off];
  };

/** Light from the upper left on something round. */
export const shaded =
  (color: Rgb, depth = 0.5): Paint =>
  (x, y) => {
    const light = 1 - depth * Math.min(1, Math.max(0, (x + y) / 2));
    return [color[0] * light, color[1] * light, color[2] * light];
  };

export const checkered =
  (a: Rgb, b: Rgb, tiles: number): Paint =>
  (x, y) =>
    (Math.floor(x * tiles) + Math.floor(y * tiles)) % 2 === 0 ? a : b;

export interface Layer {
  readonly shape: Shape;
  readonly paint: Paint;
  /** Opacity at full; default 1. */
  readonly opacity?: number;
  /** Width of the outline in 1024ths of the frame; default one pixel. Wide ones are soft shadows. */
  readonly softness?: number;
  /** Part of the object whose mask is known; default true. */
  readonly isObject?: boolean;
}

export interface Painting {
  readonly width?: number;
  readonly height?: number;
  /** Absent = transparent. */
  readonly ground?: Paint;
  readonly layers: readonly Layer[];
  /** Standard deviation of grain, in levels. */
  readonly grain?: number;
  /** Adds an alpha channel that is opaque everywhere. */
  readonly opaqueAlpha?: boolean;
  readonly format?: 'png' | 'jpeg' | 'webp';
  /** Of JPEG and WebP. Default 80. */
  readonly quality?: number;
  /** Of the compression that the picture has been through before it was saved as PNG. */
  readonly compressedAt?: number;
  /** How a PNG stores its colours; default 8 bits each of red, green, blue. `deep` = 16 bits. */
  readonly colors?: 'palette' | 'grey' | 'deep';
  /** Stored rotated, with an orientation tag. */
  readonly turned?: boolean;
  /** Share of the file's bytes that are left; default all. */
  readonly keep?: number;
  readonly seed?: number;
}

export interface Painted {
  readonly bytes: Uint8Array;
  /** How much of each pixel is object, from 0 to 1. */
  readonly mask: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Half of the usual size, for speed. */
const defaultSide = 512;

export async function paint(painting: Painting): Promise<Painted> {
  const { width = defaultSide, height = width, ground, layers, grain = 0, seed = 1 } = painting;
  const random = randomFrom(seed);
  const side = Math.max(width, height);
  const mask = new Float32Array(width * height);
  const pixels = Buffer.alloc(width * height * 4);
  // A pixel makes no object but its colours: the tests paint a hundred million of them.
  for (let at = 0; at < mask.length; at++) {
    const x = ((at % width) + 0.5) / side;
    const y = (Math.floor(at / width) + 0.5) / side;
    const under = ground?.(x, y);
    let red = under?.[0] ?? 0;
    let green = under?.[1] ?? 0;
    let blue = under?.[2] ?? 0;
    let alpha = under === undefined ? 0 : 1;
    for (const { shape, paint: color, opacity = 1, softness = 0, isObject = true } of layers) {
      const cover =
        opacity * Math.min(1, Math.max(0, 0.5 - (shape(x, y) * side) / Math.max(1, (softness * side) / 1024)));
      if (cover === 0) continue;
      const over = color(x, y);
      const left = alpha * (1 - cover);
      const total = cover + left;
      red = (over[0] * cover + red * left) / total;
      green = (over[1] * cover + green * left) / total;
      blue = (over[2] * cover + blue * left) / total;
      alpha = total;
      if (isObject) mask[at] = cover + mask[at]! * (1 - cover);
    }
    const noise = grain === 0 ? 0 : grain * gaussian(random);
    pixels[at * 4] = levelOf(red + noise);
    pixels[at * 4 + 1] = levelOf(green + noise);
    pixels[at * 4 + 2] = levelOf(blue + noise);
    pixels[at * 4 + 3] = Math.round(alpha * 255);
  }
  return { bytes: await encode(pixels, width, height, painting), mask, width, height };
}

function levelOf(light: number): number {
  return Math.min(255, Math.max(0, Math.round(light)));
}

async function encode(pixels: Buffer, width: number, height: number, painting: Painting): Promise<Uint8Array> {
  const { ground, opaqueAlpha = false, compressedAt, turned = false, keep = 1 } = painting;
  let image = sharp(pixels, { raw: { width, height, channels: 4 } });
  if (ground !== undefined && !opaqueAlpha) image = image.removeAlpha();
  if (compressedAt !== undefined) image = sharp(await image.jpeg({ quality: compressedAt }).toBuffer());
  // 6 in the tag = to be turned a quarter clockwise.
  if (turned) image = image.rotate(270).withMetadata({ orientation: 6 });
  const bytes = await save(image, painting).toBuffer();
  return bytes.subarray(0, Math.round(bytes.length * keep));
}

function save(image: Sharp, { format = 'png', quality = 80, colors }: Painting): Sharp {
  if (format === 'jpeg') return image.jpeg({ quality });
  if (format === 'webp') return image.webp({ quality });
  if (colors === 'palette') return image.png({ palette: true });
  if (colors === 'grey') return image.greyscale().png();
  if (colors === 'deep') return image.toColourspace('rgb16').png();
  return image.png({ compressionLevel: 1 });
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
