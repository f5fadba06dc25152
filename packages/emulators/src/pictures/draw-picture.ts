/** Draws what a prompt asks for, with sharp and the icons of Noto Emoji where both are installed. */
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import type { Sharp } from 'sharp';

import { createRandom, hashToSeed } from '../base/random.ts';
import type { Color } from '../base/row-canvas.ts';
import { between, hsl, mix } from '../base/row-canvas.ts';
import { drawBackdrop, horizon } from './backdrops.ts';
import type { PictureStyle } from './find-objects.ts';
import { findCardObject, findColor, findObjects, findStyle, subjectOf } from './find-objects.ts';
import { ownShapes } from './own-shapes.ts';

/** What determines a drawing. */
export interface DrawOptions {
  readonly width: number;
  readonly height: number;
  readonly prompt: string;
  readonly kind: 'scene' | 'object';
  readonly seed: number;
  readonly transparent: boolean;
  /** The backend, such as `hunyuan`: each has its own palette, so that a change of backend is visible. */
  readonly painter: string;
  /** The picture whose palette is used. */
  readonly reference?: Uint8Array;
}

/** Pixels, row by row. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Buffer;
  /** Where a small label fits: lower left corner, and the width there is. */
  readonly label: { readonly x: number; readonly y: number; readonly width: number; readonly isOnDark: boolean };
}

type SharpModule = (input?: Buffer | object, options?: object) => Sharp;
interface Tools {
  readonly sharp: SharpModule;
  readonly icons: ReadonlyMap<string, string>;
}

let tools: Promise<Tools | undefined> | undefined;
const groundLightness = 0.93;
const cardShare = 0.76;
const maxObjectsInScene = 7;
/** Prompts for sides whose outline is the mirror image of the one that is drawn. */
const mirroredView = /seen straight from (?:behind|its right-hand side)|正后方看|从它的右侧/;
/** Larger pictures are drawn at this size and enlarged. */
const maxDrawnSide = 2048;

/**
 * Draws a picture; the same options give the same pixels. Undefined if sharp or `@iconify-json/noto` is not installed, or if
 * `HOLODECK_EMULATOR_PICTURES=plain` selects the cheaper vase.
 */
export async function drawPicture(options: DrawOptions): Promise<Raster | undefined> {
  const loaded = await findTools();
  if (loaded === undefined || Math.min(options.width, options.height) < 64) return undefined;
  const hue = await paletteHue(loaded.sharp, options);
  return options.kind === 'object' ? drawCard(loaded, options, hue) : drawScene(loaded, options, hue);
}

/** A PNG converted to another format, with a comment in its EXIF data. Undefined if sharp is not installed. */
export async function convertPicture(
  png: Buffer,
  format: 'jpeg' | 'webp',
  comment: string,
): Promise<Buffer | undefined> {
  const loaded = await findTools();
  const picture = loaded
    ?.sharp(png)
    .withExif({ IFD0: { ImageDescription: comment, Software: 'Holodeck image emulator' } });
  return format === 'jpeg' ? picture?.jpeg({ quality: 88 }).toBuffer() : picture?.webp({ quality: 88 }).toBuffer();
}

async function findTools(): Promise<Tools | undefined> {
  if (process.env['HOLODECK_EMULATOR_PICTURES'] === 'plain') return undefined;
  tools ??= loadTools();
  return tools;
}

async function loadTools(): Promise<Tools | undefined> {
  try {
    const { default: sharp } = (await import('sharp')) as unknown as { default: SharpModule };
    const file = createRequire(import.meta.url).resolve('@iconify-json/noto/icons.json');
    const { icons } = JSON.parse(await readFile(file, 'utf8')) as { icons: Record<string, { body: string }> };
    const { sceneObjects } = await import('./object-table.ts');
    const bodies = new Map(Object.entries(ownShapes));
    for (const { picture } of sceneObjects) {
      const body = icons[picture]?.body;
      if (body !== undefined && !bodies.has(picture)) bodies.set(picture, body);
    }
    return { sharp, icons: bodies };
  } catch {
    return undefined;
  }
}

/** The hue of a picture, 0 to 1: that of the reference, else one from seed and painter. */
async function paletteHue(sharp: SharpModule, { reference, seed, painter }: DrawOptions): Promise<number> {
  // Hues of different backends are far apart, those of one backend's seeds close together.
  const own =
    (createRandom(hashToSeed(painter))() + (createRandom(hashToSeed(`${painter} ${seed}`))() - 0.5) * 0.16 + 1) % 1;
  if (reference === undefined) return own;
  try {
    const { data } = await sharp(Buffer.from(reference))
      .resize(24, 24, { fit: 'fill' })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    let [x, y] = [0, 0];
    for (let at = 0; at + 2 < data.length; at += 3) {
      const [red, green, blue] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      // A hue as a direction, as long as the colour is strong.
      x += red - (green + blue) / 2;
      y += ((green - blue) * Math.sqrt(3)) / 2;
    }
    return (Math.atan2(y, x) / (2 * Math.PI) + 1) % 1;
  } catch {
    return own;
  }
}

async function drawCard({ sharp, icons }: Tools, options: DrawOptions, hue: number): Promise<Raster | undefined> {
  const subject = subjectOf(options.prompt);
  const found = findCardObject(subject);
  const body = icons.get(found?.picture ?? 'vase');
  if (body === undefined) return undefined;
  const { width, height, transparent } = options;
  const side = Math.min(width, height, maxDrawnSide);
  const style = findStyle(options.prompt);
  const size = Math.round(side * cardShare);
  const sprite = await renderIcon(sharp, body, size, style, mirroredView.test(options.prompt));
  const color = findColor(subject);
  tint(sprite.data, color, hsl(hue, 0.6, 0.5), color === undefined ? 0.22 : 0.1);
  const ground = hsl(hue, 0.28, groundLightness);
  const scale = side / Math.min(width, height);
  const canvas = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const left = Math.round((canvas.width - sprite.width) / 2);
  const top = Math.round((canvas.height - sprite.height) / 2);
  const background = { r: ground[0], g: ground[1], b: ground[2], alpha: transparent ? 0 : 1 };
  const drawn = sharp({ create: { ...canvas, channels: 4, background } }).composite([
    { input: sprite.data, raw: { width: sprite.width, height: sprite.height, channels: 4 }, left, top },
  ]);
  const label = labelPlace(sprite);
  const place = {
    x: (left + label.x) / scale,
    y: (top + label.y) / scale,
    width: label.width / scale,
    isOnDark: label.isOnDark,
  };
  return toRaster(sharp, drawn, options, place);
}

async function drawScene({ sharp, icons }: Tools, options: DrawOptions, hue: number): Promise<Raster> {
  const { width, height, prompt, seed } = options;
  const random = createRandom(hashToSeed(`scene ${seed} ${prompt}`));
  const text = subjectOf(prompt);
  const style = findStyle(prompt);
  const scale = Math.min(1, maxDrawnSide / Math.max(width, height));
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  const at = (offset: number, saturation: number, lightness: number): string =>
    css(hsl((hue + offset + 1) % 1, saturation, lightness));
  // Walls and sky get the palette; ground and light keep their own colour.
  const palette = {
    skyTop: at(0, 0.42, 0.3),
    skyLow: at(0.03, 0.5, 0.7),
    far: at(-0.02, 0.26, 0.62),
    near: at(0.02, 0.34, 0.44),
    ground: css(mix(hsl(hue, 0.3, 0.46), [168, 132, 96], 0.45)),
    dark: css(mix(hsl(hue, 0.4, 0.2), [44, 34, 40], 0.4)),
    light: css(mix(hsl(hue, 0.5, 0.84), [255, 222, 150], 0.7)),
  };
  const backdrop = drawBackdrop(text, palette, random);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 160 100" preserveAspectRatio="xMidYMid slice">${backdrop}</svg>`;
  const pictures = [...new Map(findObjects(text).map((object) => [object.picture, object])).values()]
    .filter(({ picture }) => icons.has(picture))
    .slice(0, maxObjectsInScene);
  const slot = wide / Math.max(3, pictures.length);
  const layers = await Promise.all(
    pictures.map(async ({ picture, heightMeters }, index) => {
      const size = Math.round(
        Math.min(slot * 0.86, high * 0.34) * Math.min(1, 0.62 + Math.log2(1 + heightMeters) * 0.28),
      );
      const sprite = await renderIcon(sharp, icons.get(picture) ?? '', size, 'plain');
      tint(sprite.data, undefined, hsl(hue, 0.6, 0.5), 0.22);
      const middle = slot * (index + 0.5) + (wide - slot * Math.max(1, pictures.length)) / 2;
      const foot = high * (horizon + 0.1 + 0.16 * ((index % 2) * 0.6 + 0.2));
      return {
        input: sprite.data,
        raw: { width: sprite.width, height: sprite.height, channels: 4 as const },
        left: Math.max(0, Math.round(middle - sprite.width / 2)),
        top: Math.max(0, Math.round(foot - sprite.height)),
      };
    }),
  );
  const shadows = layers.map(({ left, top, raw }) => {
    const [rx, ry] = [raw.width * 0.46, raw.width * 0.07];
    return `<ellipse cx="${left + raw.width / 2}" cy="${top + raw.height - ry / 2}" rx="${rx}" ry="${ry}" opacity=".3"/>`;
  });
  const shade = `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}">${shadows.join('')}</svg>`;
  const flat = sharp(Buffer.from(svg))
    .composite([{ input: Buffer.from(shade) }, ...layers])
    .removeAlpha();
  const drawn = stylise(await finished(sharp, flat), style);
  return toRaster(
    sharp,
    drawn,
    { ...options, transparent: false },
    { x: width * 0.02, y: height * 0.975, width: width * 0.3, isOnDark: true },
  );
}

interface Sprite {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

async function renderIcon(
  sharp: SharpModule,
  body: string,
  size: number,
  style: PictureStyle,
  mirrored = false,
): Promise<Sprite> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${size}" height="${size}" viewBox="0 0 128 128">${body}</svg>`;
  const trimmed = sharp(Buffer.from(svg)).trim({ background: { r: 0, g: 0, b: 0, alpha: 0 }, threshold: 1 });
  const filled = (await finished(sharp, trimmed)).resize(size, size, { fit: 'inside' }).flop(mirrored);
  const { data, info } = await stylise(filled, style).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** The pixels so far, as a picture of their own: sharp has its own order for the steps of one picture. */
async function finished(sharp: SharpModule, picture: Sharp): Promise<Sharp> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: info });
}

/** A simple filter for each style. */
function stylise(picture: Sharp, style: PictureStyle): Sharp {
  if (style === 'watercolour') return picture.median(9).modulate({ saturation: 0.75, brightness: 1.12 });
  if (style === 'clay') return picture.median(13).modulate({ saturation: 0.65 }).linear(0.9, 18);
  if (style === 'ink') return picture.modulate({ saturation: 0 }).linear(1.25, -24);
  if (style === 'low-poly') return picture.median(17).modulate({ saturation: 1.15 });
  if (style === 'photo') return picture.blur(0.8).modulate({ saturation: 0.85 }).linear(1.08, -10);
  return picture;
}

/** Moves every pixel towards a colour, keeping its brightness, and a little towards the palette. */
function tint(pixels: Buffer, color: Color | undefined, palette: Color, share: number): void {
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    if (pixels[at + 3] === 0) continue;
    const light = ((pixels[at] ?? 0) * 0.3 + (pixels[at + 1] ?? 0) * 0.59 + (pixels[at + 2] ?? 0) * 0.11) / 255;
    // Number by number: a colour object for each of a million pixels is work for the collector.
    for (let channel = 0; channel < 3; channel += 1) {
      let level = pixels[at + channel] ?? 0;
      if (color !== undefined) level = between(level, shade(color[channel] ?? 0, light), 0.7);
      pixels[at + channel] = between(level, shade(palette[channel] ?? 0, light), share);
    }
  }
}

/** A level of a colour at a brightness: towards black below the middle, towards white above. */
function shade(level: number, light: number): number {
  return light < 0.55 ? between(0, level, light / 0.55) : between(level, 255, ((light - 0.55) / 0.45) * 0.75);
}

/** The lowest place inside a sprite that is wide enough for a small label; else its widest row. */
function labelPlace({ data, width, height }: Sprite): Raster['label'] {
  const tall = Math.max(6, Math.round(height / 28));
  let best = { x: 0, y: Math.round(height / 2), width: 0, isOnDark: true };
  for (let y = height - Math.round(tall * 1.6); y > tall * 2; y -= Math.max(1, Math.round(tall / 2))) {
    const run = widestRun(data, width, [y, y - tall]);
    if (run.width > best.width) best = { ...run, y, isOnDark: isDark(data, width, run, y) };
    if (best.width >= tall * 8) return best;
  }
  return best;
}

/** The longest run of columns that are opaque in all of the rows. */
function widestRun(data: Buffer, width: number, rows: readonly number[]): { x: number; width: number } {
  let best = { x: 0, width: 0 };
  let start = 0;
  for (let x = 0; x <= width; x += 1) {
    if (x < width && rows.every((y) => (data[(y * width + x) * 4 + 3] ?? 0) > 250)) continue;
    if (x - start > best.width) best = { x: start, width: x - start };
    start = x + 1;
  }
  return best;
}

function isDark(data: Buffer, width: number, run: { x: number; width: number }, y: number): boolean {
  const at = (y * width + run.x + Math.floor(run.width / 2)) * 4;
  return (data[at] ?? 0) * 0.3 + (data[at + 1] ?? 0) * 0.59 + (data[at + 2] ?? 0) * 0.11 < 150;
}

async function toRaster(
  sharp: SharpModule,
  drawn: Sharp,
  { width, height, transparent }: DrawOptions,
  label: Raster['label'],
): Promise<Raster> {
  const sized = (await finished(sharp, drawn)).resize(width, height, { fit: 'fill' });
  const pixels = transparent ? sized.ensureAlpha() : sized.removeAlpha();
  const { data, info } = await pixels.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: transparent ? 4 : 3, label };
}

function css([red, green, blue]: Color): string {
  return `rgb(${red},${green},${blue})`;
}
