/** Makes the pictures of a call, in the format that was asked for. */
import { createRandom, hashToSeed } from '../base/random.ts';
import { paintAs, paintPicture } from '../pictures/paint-picture.ts';
import { paintBlocks } from '../base/block-picture.ts';
import type { ImageCall } from './image-call.ts';
import { lookOf } from './image-call.ts';
import { encodeJpeg } from '../base/jpeg-encoder.ts';
import { sizeOf } from './model-catalogue.ts';
import type { OpenAISettings } from './openai-settings.ts';
import { encodeWebp } from './webp-encoder.ts';

/** Sizes that `sd-server` cannot read become this. */
const fallbackSize = { width: 512, height: 512 };

/** The size of the pictures of a call. */
export function pictureSize(call: ImageCall, settings: OpenAISettings): { width: number; height: number } {
  if (settings.outputSize !== undefined) return settings.outputSize;
  const readable = /^\d+x\d+$/.test(call.size);
  return settings.server !== 'openai' && !readable ? fallbackSize : sizeOf(call.size);
}

/**
 * One picture.
 * @param variant Tells pictures of one call apart; previews are coarser drafts of the same picture and have the same number.
 */
export async function makePicture(
  call: ImageCall,
  settings: OpenAISettings,
  requestId: string,
  variant: number,
): Promise<Buffer> {
  const { width, height } = pictureSize(call, settings);
  const look = lookOf(call);
  const seed = call.seed === undefined ? hashToSeed(`${requestId} ${variant}`) : call.seed + variant;
  const transparent = call.background === 'transparent';
  const reference = call.images[0]?.bytes;
  const options = {
    painter: 'openai',
    width,
    height,
    prompt: call.prompt,
    seed: Math.floor(createRandom(seed)() * 2 ** 31),
    transparent,
    ...(look === undefined ? {} : { look }),
    ...(reference && { reference }),
    ...(settings.imageBytes === undefined ? {} : { bytes: settings.imageBytes }),
  };
  if (call.format === 'png') return paintPicture(options);
  const drawn = await paintAs(call.format, options);
  if (drawn !== undefined) return drawn;
  const comment = 'Painted by an emulator; no image model was used.';
  return call.format === 'jpeg'
    ? encodeJpeg(paintBlocks(options), width, height, comment)
    : encodeWebp(paintBlocks(options), width, height, transparent);
}
