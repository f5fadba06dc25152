import { expect, it } from 'vitest';
import { isBlank } from './is-blank.ts';

it.each(['', ' \t\n', '\u3000', '\u200b\ufeff', '\u200d\u2060\u00ad'])('%j shows nothing', (text) => {
  expect(isBlank(text)).toBe(true);
});

it.each(['a', ' 面 ', '0', '👩‍🚀', '.'])('%j shows something', (text) => {
  expect(isBlank(text)).toBe(false);
});
