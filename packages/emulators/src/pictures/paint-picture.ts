import type { PaintOptions } from '../base/paint-png.ts';
import { kindOfPrompt, paintPng } from '../base/paint-png.ts';
import { convertPicture, drawPicture } from './draw-picture.ts';

/** What `paintPicture` needs in addition to `paintPng`. */
export interface PictureOptions extends PaintOptions {
  /** The backend, such as `hunyuan`: each has its own palette, so that a change of backend is visible. */
  painter: string;
  /** The picture whose palette is used. */
  reference?: Uint8Array;
}

/**
 * Paints a PNG of what the prompt asks for, in its own palette or the reference's. Without sharp or `@iconify-json/noto` it is the
 * vase or the landscape of `paintPng`. The same options give the same bytes.
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

/** The same picture as JPEG or WebP. Undefined if sharp is not installed or plain pictures are selected. */
export async function paintAs(format: 'jpeg' | 'webp', options: PictureOptions): Promise<Buffer | undefined> {
  return convertPicture(await paintPicture(options), format, 'Painted by an emulator; no image model was used.');
}
