import { ImageError } from '../contract/index.ts';
import type { ImageSize, ImageSizeInput, SizeRule } from '../contract/index.ts';

const defaultSize: ImageSize = { width: 1024, height: 1024 };
const pattern = /^\s*(\d{1,6})\s*[x×:*]\s*(\d{1,6})\s*$/i;

/**
 * Reads a size: an object, `"1024x1024"`, or Tencent's `"1024:1024"`. Absent = 1024x1024.
 * @throws {ImageError} kind `invalid-request` for anything else.
 */
export function parseSize(input: ImageSizeInput | undefined): ImageSize {
  if (input === undefined) return defaultSize;
  const size = typeof input === 'string' ? fromText(input) : input;
  if (isSide(size?.width) && isSide(size?.height)) return { width: size.width, height: size.height };
  throw new ImageError({
    kind: 'invalid-request',
    outcome: 'not-submitted',
    message: `The size ${describe(input)} is not a size. Give whole pixels, such as "1024x1024" or { width: 1024, height: 1024 }.`,
  });
}

/** One sentence for each condition of the rule that the size breaks; empty = it fits. */
export function sizeProblems(size: ImageSize, rule: SizeRule): readonly string[] {
  const text = `${size.width}x${size.height}`;
  const longest = Math.max(size.width, size.height);
  const shortest = Math.min(size.width, size.height);
  const pixels = size.width * size.height;
  const problems: string[] = [];
  if (rule.oneOf !== undefined && !rule.oneOf.some((one) => one.width === size.width && one.height === size.height)) {
    problems.push(
      `The size ${text} is not one of ${rule.oneOf.map((one) => `${one.width}x${one.height}`).join(', ')}.`,
    );
  }
  if (rule.minSide !== undefined && shortest < rule.minSide) {
    problems.push(`The size ${text} has a side below ${rule.minSide} px.`);
  }
  if (rule.maxSide !== undefined && longest > rule.maxSide) {
    problems.push(`The size ${text} has a side above ${rule.maxSide} px.`);
  }
  const step = rule.multipleOf ?? 1;
  if (size.width % step !== 0 || size.height % step !== 0) {
    problems.push(`Both sides of ${text} must be multiples of ${step}.`);
  }
  if (rule.minPixels !== undefined && pixels < rule.minPixels) {
    problems.push(`The size ${text} has ${pixels} pixels; at least ${rule.minPixels} are needed.`);
  }
  if (rule.maxPixels !== undefined && pixels > rule.maxPixels) {
    problems.push(`The size ${text} has ${pixels} pixels; at most ${rule.maxPixels} are allowed.`);
  }
  if (rule.maxRatio !== undefined && longest / shortest > rule.maxRatio) {
    problems.push(`The sides of ${text} differ by more than ${rule.maxRatio}:1.`);
  }
  return problems;
}

function fromText(text: string): ImageSize | undefined {
  const match = pattern.exec(text);
  return match === null ? undefined : { width: Number(match[1]), height: Number(match[2]) };
}

function isSide(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function describe(input: unknown): string {
  return (JSON.stringify(input) ?? String(input)).slice(0, 60);
}
