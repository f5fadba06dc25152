import type { ImageSize } from '../contract/index.ts';

/** The longest side of a picture that is taken, in pixels. */
export const maxPictureSide = 16_384;
/** A workflow may enlarge what it draws, as a rule four times a side. */
const maxGrowth = 64;
const leastPixels = 1024 * 1024;

/** Whether a picture has more pixels than anybody wants: decoding it would take the memory of the next program. */
export function isOversized({ width, height }: ImageSize, asked: ImageSize | undefined): boolean {
  if (Math.max(width, height) > maxPictureSide) return true;
  return asked !== undefined && width * height > maxGrowth * Math.max(asked.width * asked.height, leastPixels);
}
