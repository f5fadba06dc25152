/** One direction of a resampling: how target positions lie over the source. */
export interface Axis {
  /** Source pixels in this direction. */
  readonly sourceSize: number;
  readonly targetSize: number;
  /** Target pixels for each source pixel. */
  readonly scale: number;
  /** The point of the source (in pixels from its edge) that comes to lie on the middle of the target. */
  readonly middle: number;
  /** Target pixels from here up to `last` are computed; the others stay empty. */
  readonly first: number;
  readonly last: number;
}

/**
 * Resamples RGBA onto a square with Catmull-Rom weights, widened when it gets smaller. Works on premultiplied colours, so
 * that transparent pixels do not bleed, and at exact fractions of a pixel. Plain arithmetic gives the same result everywhere.
 */
export function resample(pixels: Uint8Array, horizontal: Axis, vertical: Axis): Uint8Array<ArrayBuffer> {
  const columns = tapsOf(horizontal);
  const rows = tapsOf(vertical);
  const [width, height] = [horizontal.targetSize, vertical.targetSize];
  const firstRow = rows.starts[vertical.first] ?? 0;
  const lastRow = Math.min(vertical.sourceSize, (rows.starts[vertical.last - 1] ?? 0) + rows.count);
  const bands = stretchRows(pixels, horizontal, columns, firstRow, lastRow);
  const result = new Uint8Array(width * height * 4);
  const line = new Float64Array(width * 4);
  for (let y = vertical.first; y < vertical.last; y++) {
    line.fill(0);
    for (let tap = 0; tap < rows.count; tap++) {
      const weight = rows.weights[y * rows.count + tap]!;
      if (weight === 0) continue;
      const from = (rows.starts[y]! + tap - firstRow) * width * 4;
      for (let at = horizontal.first * 4; at < horizontal.last * 4; at++) line[at]! += weight * bands[from + at]!;
    }
    let out = (y * width + horizontal.first) * 4;
    for (let at = horizontal.first * 4; at < horizontal.last * 4; at += 4, out += 4) {
      const alpha = line[at + 3]!;
      if (alpha < 0.5) continue;
      result[out] = toByte((line[at]! * 255) / alpha);
      result[out + 1] = toByte((line[at + 1]! * 255) / alpha);
      result[out + 2] = toByte((line[at + 2]! * 255) / alpha);
      result[out + 3] = toByte(alpha);
    }
  }
  return result;
}

/** Rows `firstRow` to `lastRow` of the source, premultiplied, at the target's width. */
function stretchRows(
  pixels: Uint8Array,
  { sourceSize, targetSize, first, last }: Axis,
  { count, starts, weights }: Taps,
  firstRow: number,
  lastRow: number,
): Float32Array {
  const result = new Float32Array((lastRow - firstRow) * targetSize * 4);
  const row = new Float32Array(sourceSize * 4);
  for (let y = firstRow; y < lastRow; y++) {
    const from = y * sourceSize * 4;
    for (let at = 0; at < row.length; at += 4) {
      const alpha = pixels[from + at + 3]!;
      const factor = alpha / 255;
      row[at] = pixels[from + at]! * factor;
      row[at + 1] = pixels[from + at + 1]! * factor;
      row[at + 2] = pixels[from + at + 2]! * factor;
      row[at + 3] = alpha;
    }
    let out = ((y - firstRow) * targetSize + first) * 4;
    for (let x = first; x < last; x++, out += 4) {
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      let at = starts[x]! * 4;
      for (let tap = x * count; tap < (x + 1) * count; tap++, at += 4) {
        const weight = weights[tap]!;
        if (weight === 0) continue;
        red += weight * row[at]!;
        green += weight * row[at + 1]!;
        blue += weight * row[at + 2]!;
        alpha += weight * row[at + 3]!;
      }
      result[out] = red;
      result[out + 1] = green;
      result[out + 2] = blue;
      result[out + 3] = alpha;
    }
  }
  return result;
}

/** Which source pixels a target pixel is made of: `count` from `starts` on, with `weights`. */
interface Taps {
  readonly count: number;
  readonly starts: Int32Array;
  readonly weights: Float64Array;
}

function tapsOf({ sourceSize, targetSize, scale, middle, first, last }: Axis): Taps {
  const stretch = Math.max(1, 1 / scale);
  const count = Math.min(sourceSize, Math.ceil(4 * stretch) + 1);
  const starts = new Int32Array(targetSize);
  const weights = new Float64Array(targetSize * count);
  for (let target = first; target < last; target++) {
    const center = middle + (target + 0.5 - targetSize / 2) / scale;
    const start = Math.min(Math.max(0, Math.ceil(center - 2 * stretch - 0.5)), sourceSize - count);
    starts[target] = start;
    let sum = 0;
    // Pixels outside the source count as transparent.
    for (let source = Math.ceil(center - 2 * stretch - 0.5); source + 0.5 < center + 2 * stretch; source++) {
      const weight = catmullRom((source + 0.5 - center) / stretch);
      sum += weight;
      if (source >= start && source < start + count) weights[target * count + source - start] = weight;
    }
    for (let tap = target * count; tap < (target + 1) * count; tap++) weights[tap]! /= sum;
  }
  return { count, starts, weights };
}

function catmullRom(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return 1.5 * x * x * x - 2.5 * x * x + 1;
  return x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
}

function toByte(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value);
}
