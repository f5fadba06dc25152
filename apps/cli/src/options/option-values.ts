import { InvalidArgumentError } from 'commander';

import { messages } from '../messages/messages.ts';

/** A parser for an option that takes an integer within bounds. */
export function integerOption(min: number, max: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text.trim()) || !Number.isSafeInteger(value) || value < min || value > max) {
      const { integerFrom, integerBetween } = messages().errors;
      throw new InvalidArgumentError(max === Number.MAX_SAFE_INTEGER ? integerFrom(min) : integerBetween(min, max));
    }
    return value;
  };
}

/** A parser for an option that takes a number within bounds. */
export function numberOption(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(messages().errors.numberBetween(min, max));
    return value;
  };
}

/** A parser for an age in days or hours, such as `30d` or `12h`: milliseconds. */
export function ageOption(text: string): number {
  const [, count, unit] = /^\s*(\d{1,5})\s*([dh])\s*$/i.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError(messages().errors.age);
  return Number(count) * (unit?.toLowerCase() === 'd' ? 86_400_000 : 3_600_000);
}

/** A parser for `--concurrency`: a count, or `auto`. */
export function concurrencyOption(text: string): number | 'auto' {
  return text === 'auto' ? 'auto' : integerOption(1, 1000)(text);
}

/** A parser for an image size: `1024x1024`, or Tencent's `1024:1024`. Whether a backend takes it is checked later. */
export function sizeOption(text: string): string {
  const match = /^\s*([1-9]\d{0,4})\s*[x:×*]\s*([1-9]\d{0,4})\s*$/i.exec(text);
  if (match === null) throw new InvalidArgumentError(messages().errors.size);
  return `${match[1]}x${match[2]}`;
}

/** Collects an option that may be given several times. */
export function repeatedOption(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), text];
}
