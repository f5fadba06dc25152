/** The small JPEG that stands for a preview of a running job. */
import { encodeJpeg } from '../base/jpeg-encoder.ts';
import { paintBlocks } from '../base/block-picture.ts';

const side = 128;

/** `done`: the share of the job that is done, 0 to 1. */
export function encodePreview(done: number): Buffer {
  const blocks = paintBlocks({ width: side, height: side, prompt: 'a preview', seed: Math.round(done * 1000) });
  return encodeJpeg(blocks, side, side, 'EMULATOR preview');
}
