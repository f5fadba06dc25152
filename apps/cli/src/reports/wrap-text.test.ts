import stringWidth from 'fast-string-width';
import { expect, it } from 'vitest';

import { cutText, padText, wrapText } from './wrap-text.ts';

it('breaks between words and between wide characters, never before a closing mark', () => {
  expect(wrapText('one two three', 7)).toBe('one two\nthree');
  expect(wrapText('标准输出只有结果，进度', 8)).toBe('标准输出\n只有结\n果，进度');
  expect(wrapText('存到 output/ 目录', 9)).toBe('存到\noutput/\n目录');
  expect(wrapText('instead of ./.env', 13)).toBe('instead of\n./.env');
  expect(wrapText('a\n\nb', 5)).toBe('a\n\nb');
});

it.each([1, 5, 17, 40])('keeps every character within %i columns where a word allows it', (columns) => {
  const text = '取回已经付费但尚未下载的结果；不发送新请求 (默认: "output") 🙂 é';
  const lines = wrapText(text, columns);
  expect(lines.replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
  const longest = Math.max(...lines.split('\n').map((line) => stringWidth(line)));
  expect(longest).toBeLessThanOrEqual(Math.max(columns, stringWidth('"output")')));
});

it('cuts and fills by columns', () => {
  expect(cutText('书架', 4)).toBe('书架');
  expect(cutText('高大的橡木书架', 9)).toBe('高大的...');
  expect(cutText('abc', 2)).toBe('..');
  expect(padText('书架', 6)).toBe('书架  ');
  expect(padText('lamp', 2)).toBe('lamp');
});
