import { mean } from './statistics.ts';

/** The exponent k of `time = c * size ^ k` that fits best (least squares over logarithms): 1 is linear growth. */
export function fittedExponent(points: readonly { readonly size: number; readonly time: number }[]): number {
  const xs = points.map(({ size }) => Math.log(size));
  const ys = points.map(({ time }) => Math.log(time));
  const [middleX, middleY] = [mean(xs), mean(ys)];
  const above = xs.reduce((sum, x, index) => sum + (x - middleX) * ((ys[index] as number) - middleY), 0);
  return above / xs.reduce((sum, x) => sum + (x - middleX) ** 2, 0);
}
