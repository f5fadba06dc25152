import { describe, expect, it } from 'vitest';

import { maxCostOption } from './cost-options.ts';
import { integerOption, sizeOption } from './option-values.ts';

describe('option values', () => {
  it('takes sizes in every spelling and nothing else', () => {
    expect(sizeOption('1024x768')).toBe('1024x768');
    expect(sizeOption(' 1024 : 768 ')).toBe('1024x768');
    for (const text of ['1024', '0x5', '-1x5', '1.5x2', 'axb', '1024x', '999999x1']) {
      expect(() => sizeOption(text), text).toThrow('1024x1024');
    }
  });

  it('takes whole numbers within bounds', () => {
    const parse = integerOption(1, 10);
    expect(parse('10')).toBe(10);
    for (const text of ['0', '11', '1.5', '1e0', '', 'x', 'Infinity'])
      expect(() => parse(text), text).toThrow('integer');
    expect(() => integerOption(0)('99999999999999999999')).toThrow('at least 0');
  });

  it('takes amounts of money', () => {
    expect(maxCostOption('0.5')).toBe(0.5);
    expect(maxCostOption('2cny')).toEqual({ CNY: 2 });
    expect(maxCostOption(' 0.5 USD ', { CNY: 2 })).toEqual({ CNY: 2, USD: 0.5 });
    for (const text of ['-1', '', 'x', 'NaN', '1e3', '2 yuan', 'CNY'])
      expect(() => maxCostOption(text), text).toThrow('amount');
    expect(() => maxCostOption('1', { CNY: 2 })).toThrow('currency');
    expect(() => maxCostOption('1CNY', 2)).toThrow('currency');
  });
});
