import type { Mask } from './inflate.ts';

/** Pixels, four bytes each, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Largest distance of a colour from the ground's, of 441 possible. */
const groundTolerance = 26;
/** Share of the border that has the ground's colour, if there is a ground. */
const groundShare = 0.9;

/**
 * Makes the plain ground of an opaque picture transparent, as far as it reaches from the border. Changes the pixels; a picture that
 * is transparent somewhere, or has no plain ground, stays as it is.
 */
export function removeGround({ width, height, data }: Pixels): void {
  const border: number[] = [];
  for (let x = 0; x < width; x += 1) border.push(x, (height - 1) * width + x);
  for (let y = 1; y + 1 < height; y += 1) border.push(y * width, y * width + width - 1);
  if (border.some((at) => (data[at * 4 + 3] ?? 0) < 250)) return;
  const ground = [0, 1, 2].map((channel) => {
    const values = border.map((at) => data[at * 4 + channel] ?? 0).sort((a, b) => a - b);
    return values[values.length >> 1] ?? 0;
  });
  const isGround = (at: number): boolean =>
    Math.hypot(...ground.map((value, channel) => (data[at * 4 + channel] ?? 0) - value)) < groundTolerance;
  const queue = border.filter(isGround);
  if (queue.length < border.length * groundShare) return;
  const seen = new Uint8Array(width * height);
  for (const at of queue) seen[at] = 1;
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    data[at * 4 + 3] = 0;
    const x = at % width;
    const around = [x > 0 ? at - 1 : -1, x + 1 < width ? at + 1 : -1, at - width, at + width];
    for (const next of around) {
      if (next < 0 || next >= seen.length || seen[next] === 1 || !isGround(next)) continue;
      seen[next] = 1;
      queue.push(next);
    }
  }
}

/** The opacity of a picture, averaged over the cells of a grid whose longer side has `side` cells. */
export function maskOf({ width, height, data }: Pixels, side: number): Mask {
  const scale = side / Math.max(width, height);
  const [wide, high] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const alpha = new Float32Array(wide * high);
  const counts = new Uint32Array(wide * high);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor((y * high) / height) * wide;
    for (let x = 0; x < width; x += 1) {
      const cell = row + Math.floor((x * wide) / width);
      alpha[cell] = (alpha[cell] ?? 0) + (data[(y * width + x) * 4 + 3] ?? 0) / 255;
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
  }
  return { width: wide, height: high, alpha: alpha.map((sum, cell) => sum / Math.max(1, counts[cell] ?? 1)) };
}
