import type { PaintOptions } from '../base/paint-png.ts';
import { kindOfPrompt, paintPng } from '../base/paint-png.ts';
import { convertPicture, drawPicture } from './draw-picture.ts';

/** What `paintPicture` needs beside what `paintPng` does. */
export interface PictureOptions extends PaintOptions {
  /** Who paints, such as `hunyuan`: backends differ in their palettes, so that a change of backend can be seen. */
  painter: string;
  /** The picture whose look is followed: the palette is taken from it. */
  reference?: Uint8Array;
}

/**
 * Paints a PNG of what the prompt asks for, in a palette of its own or of the reference. Where sharp or `@iconify-json/noto`
 * is not installed it is the vase or the landscape of `paintPng`. The same options give the same bytes.
 */
export async function paintPicture(options: PictureOptions): Promise<Buffer> {
  const { width, height, prompt, seed, transparent = false, painter, reference } = options;
  const kind = options.kind ?? kindOfPrompt(prompt);
  const drawn = await drawPicture({
    width,
    height,
    prompt,
    seed,
    kind,
    transparent,
    painter,
    ...(reference && { reference }),
  });
  return paintPng(drawn === undefined ? options : { ...options, raster: drawn });
}

/** The same picture as JPEG or WebP. Undefined where sharp is not installed, or plain pictures are asked for. */
export async function paintAs(format: 'jpeg' | 'webp', options: PictureOptions): Promise<Buffer | undefined> {
  return convertPicture(await paintPicture(options), format, 'Painted by an emulator; no image model was used.');
}
