import sharp from 'sharp';
import type { Painted } from './painter.ts';

export interface Rectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Decoded {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export async function decode(bytes: Uint8Array): Promise<Decoded> {
  const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { pixels: data, width: info.width, height: info.height };
}

/** Around everything that is at least half object. */
export function boxAround(width: number, height: number, isObject: (at: number) => boolean): Rectangle {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let at = 0; at < width * height; at++) {
    if (!isObject(at)) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x + 1);
    box.bottom = Math.max(box.bottom, y + 1);
  }
  return box;
}

/** What a normalised card's alpha is against the known mask, put where the contract wants it. */
export function compareWithMask(card: Decoded, painted: Painted, share = 0.85): { iou: number; box: Rectangle } {
  const source = boxAround(painted.width, painted.height, (at) => painted.mask[at]! >= 0.5);
  const scale = (share * card.width) / Math.max(source.right - source.left, source.bottom - source.top);
  const [middleX, middleY] = [(source.left + source.right) / 2, (source.top + source.bottom) / 2];
  let [both, either] = [0, 0];
  for (let y = 0, at = 0; y < card.height; y++) {
    for (let x = 0; x < card.width; x++, at++) {
      const known = sample(
        painted,
        middleX + (x + 0.5 - card.width / 2) / scale,
        middleY + (y + 0.5 - card.height / 2) / scale,
      );
      const found = card.pixels[at * 4 + 3]! >= 128;
      if (known >= 0.5 && found) both += 1;
      if (known >= 0.5 || found) either += 1;
    }
  }
  return { iou: both / either, box: boxAround(card.width, card.height, (at) => card.pixels[at * 4 + 3]! >= 128) };
}

/** Linear interpolation, as the mask's outline lies between pixels. */
function sample({ mask, width, height }: Painted, x: number, y: number): number {
  const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
  const [across, down] = [x - 0.5 - left, y - 0.5 - top];
  const level = (column: number, row: number): number =>
    column < 0 || row < 0 || column >= width || row >= height ? 0 : mask[row * width + column]!;
  return (
    (level(left, top) * (1 - across) + level(left + 1, top) * across) * (1 - down) +
    (level(left, top + 1) * (1 - across) + level(left + 1, top + 1) * across) * down
  );
}

/** How far the colours of partly transparent pixels are from the object's one colour, in levels. */
export function haloOf(
  { pixels }: Decoded,
  color: readonly number[],
): { mean: number; worstShare: number; edges: number } {
  let [sum, edges, far] = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3]!;
    if (alpha < 16 || alpha > 240) continue;
    const off = Math.max(...[0, 1, 2].map((channel) => Math.abs(pixels[at + channel]! - color[channel]!)));
    edges += 1;
    sum += off;
    if (off > 40) far += 1;
  }
  return { mean: edges === 0 ? 0 : sum / edges, worstShare: edges === 0 ? 0 : far / edges, edges };
}
