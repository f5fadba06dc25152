import sharp from 'sharp';
import type { BackgroundRemover } from '../src/index.ts';
import type { Painted } from './painter.ts';

/** Knows the object's mask, as a model would guess it. */
export function knowingRemover(
  { mask }: Painted,
  change: (alpha: number) => number = (alpha) => alpha,
): BackgroundRemover {
  return {
    name: 'knowing 1',
    async removeBackground(png) {
      const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
      for (const [at, share] of mask.entries()) data[at * 4 + 3] = change(share * 255);
      return sharp(data, { raw: info }).png().toBuffer();
    },
  };
}
