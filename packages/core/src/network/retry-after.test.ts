import { expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const now = Date.parse('2026-11-24T12:00:00Z');

it.each([
  ['7', 7000],
  ['0', 0],
  [' 1.5 ', 1500],
  ['Tue, 24 Nov 2026 12:00:07 GMT', 7000],
  ['2026-11-24T12:00:07Z', 7000],
  ['Tue, 24 Nov 2026 11:00:00 GMT', 0],
  ['99999999999', 86_400_000],
  ['-1', undefined],
  ['soon', undefined],
  ['soon 1', undefined],
  ['NaN', undefined],
  ['', undefined],
  [null, undefined],
])('%j is %s ms', (value, expected) => {
  expect(retryAfterMs(value, now)).toBe(expected);
});
