import type { ImageSize, SizeRule } from '@holodeck/core/backend';

/** Sizes that services know, from cheap shapes to odd ones; what a rule allows of them is tried. */
const candidates: readonly ImageSize[] = [
  [1024, 1024],
  [1536, 1024],
  [1024, 1536],
  [1280, 768],
  [768, 1280],
  [1216, 832],
  [832, 1216],
  [1024, 768],
  [768, 1024],
  [768, 768],
  [512, 512],
  [256, 256],
].map(([width = 0, height = 0]) => ({ width, height }));

export function text({ width, height }: ImageSize): string {
  return `${width}x${height}`;
}

/** A square, a wide and a tall size that the rule allows; fewer where it has no such. */
export function legalSizes(rule: SizeRule): ImageSize[] {
  const legal = [...candidates, ...(rule.oneOf ?? [])].filter((size) => isLegal(size, rule));
  const first = (fits: (size: ImageSize) => boolean): ImageSize[] => legal.filter(fits).slice(0, 1);
  return [
    ...first(({ width, height }) => width === height),
    ...first(({ width, height }) => width > height),
    ...first(({ width, height }) => width < height),
  ];
}

/** For each condition of the rule a size that breaks it. */
export function illegalSizes(rule: SizeRule): { readonly size: ImageSize; readonly breaks: string }[] {
  const step = rule.multipleOf ?? 1;
  const base = legalSizes(rule)[0] ?? { width: 1024, height: 1024 };
  const found: { size: ImageSize; breaks: string }[] = [];
  const add = (breaks: string, width: number, height: number): void => {
    if (width >= 1 && height >= 1) found.push({ breaks, size: { width, height } });
  };
  if (rule.oneOf !== undefined) add('oneOf', base.width + step, base.height);
  if (rule.minSide !== undefined) add('minSide', rule.minSide - step, base.height);
  if (rule.maxSide !== undefined) add('maxSide', base.width, rule.maxSide + step);
  if (step > 1) add('multipleOf', base.width + 1, base.height);
  if (rule.minPixels !== undefined) {
    const side = Math.floor(Math.sqrt(rule.minPixels) / step) * step;
    add('minPixels', side - step, side);
  }
  if (rule.maxPixels !== undefined) {
    const side = Math.ceil(Math.sqrt(rule.maxPixels) / step) * step;
    add('maxPixels', side + step, side);
  }
  if (rule.maxRatio !== undefined) {
    const short = Math.max(rule.minSide ?? step, step);
    add('maxRatio', Math.ceil((short * rule.maxRatio) / step) * step + step, short);
  }
  return found;
}

function isLegal({ width, height }: ImageSize, rule: SizeRule): boolean {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const { oneOf, minSide = 1, maxSide = Infinity, multipleOf = 1, minPixels = 1, maxPixels = Infinity } = rule;
  return (
    (oneOf === undefined || oneOf.some((size) => size.width === width && size.height === height)) &&
    short >= minSide &&
    long <= maxSide &&
    width % multipleOf === 0 &&
    height % multipleOf === 0 &&
    width * height >= minPixels &&
    width * height <= maxPixels &&
    long / short <= (rule.maxRatio ?? Infinity)
  );
}
