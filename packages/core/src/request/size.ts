import { invalidRequest } from '../contract/index.ts';
import type { ImageSize, ImageSizeInput, SizeRule } from '../contract/index.ts';
import { showValue } from '../internal/show-value.ts';
import type { Message } from '../messages/message.ts';
import { say } from './request-messages.ts';

const defaultSize: ImageSize = { width: 1024, height: 1024 };
const pattern = /^\s*(\d{1,6})\s*[x×:*]\s*(\d{1,6})\s*$/i;

/**
 * Parses a size: an object, `"1024x1024"`, or Tencent's `"1024:1024"`. Absent = 1024x1024.
 * @throws {ImageError} kind `invalid-request` for anything else.
 */
export function parseSize(input: ImageSizeInput | undefined): ImageSize {
  if (input === undefined) return defaultSize;
  const size = typeof input === 'string' ? fromText(input) : input;
  if (isSide(size?.width) && isSide(size?.height)) return { width: size.width, height: size.height };
  throw invalidRequest(say('size-form', { size: showValue(input) }));
}

/** One sentence for each condition that the size breaks; empty = it fits. */
export function sizeProblems(size: ImageSize, rule: SizeRule): readonly Message[] {
  const text = `${size.width}x${size.height}`;
  const longest = Math.max(size.width, size.height);
  const shortest = Math.min(size.width, size.height);
  const pixels = size.width * size.height;
  const problems: Message[] = [];
  if (rule.oneOf !== undefined && !rule.oneOf.some((one) => one.width === size.width && one.height === size.height)) {
    const sizes = rule.oneOf.map((one) => `${one.width}x${one.height}`).join(', ');
    problems.push(say('size-choice', { size: text, sizes }));
  }
  if (rule.minSide !== undefined && shortest < rule.minSide) {
    problems.push(say('size-side-min', { size: text, min: rule.minSide }));
  }
  if (rule.maxSide !== undefined && longest > rule.maxSide) {
    problems.push(say('size-side-max', { size: text, max: rule.maxSide }));
  }
  const step = rule.multipleOf ?? 1;
  if (size.width % step !== 0 || size.height % step !== 0) {
    problems.push(say('size-step', { size: text, step }));
  }
  if (rule.minPixels !== undefined && pixels < rule.minPixels) {
    problems.push(say('size-pixels-min', { size: text, pixels, min: rule.minPixels }));
  }
  if (rule.maxPixels !== undefined && pixels > rule.maxPixels) {
    problems.push(say('size-pixels-max', { size: text, pixels, max: rule.maxPixels }));
  }
  if (rule.maxRatio !== undefined && longest / shortest > rule.maxRatio) {
    problems.push(say('size-ratio', { size: text, ratio: rule.maxRatio }));
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
