import { expect, it } from 'vitest';
import { said } from '../../web/i18n/said.ts';

it('puts no space around a Chinese value, and keeps it around a Latin one', () => {
  const sentence = (name: string): string => said`在 ${name} 上重做`;
  expect(sentence('混元')).toBe('在混元上重做');
  expect(sentence('OpenAI')).toBe('在 OpenAI 上重做');
  expect(said`${'木凳'} 已完成`).toBe('木凳已完成');
  expect(said`等待 ${'混元'}`).toBe('等待混元');
});

it('leaves the value itself as it is', () => {
  expect(said`${'张 三 desk'} 失败`).toBe('张 三 desk 失败');
});
