import { describe, expect, it } from 'vitest';

import { chooseLanguage } from './language.ts';
import { catalogue } from './messages.ts';

/** Keys with dots, and their texts; of a function, what it makes of some values. */
function entries(value: unknown, path = ''): readonly (readonly [key: string, text: string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    const texts = [1, 2].map((number) =>
      String((value as (...args: unknown[]) => unknown)(...Array.from({ length: value.length }, () => number))),
    );
    return [[path, texts.join(' ')]];
  }
  return Object.entries(value as object).flatMap(([key, field]) =>
    entries(field, path === '' ? key : `${path}.${key}`),
  );
}

describe('the catalogue', () => {
  it('has the same keys in every language', () => {
    const keys = entries(catalogue.en).map(([key]) => key);
    expect(keys.length).toBeGreaterThan(200);
    expect(
      entries(catalogue.zh)
        .map(([key]) => key)
        .toSorted(),
    ).toEqual(keys.toSorted());
  });

  it('has no empty text and no English sentence in Chinese', () => {
    const same = new Map(entries(catalogue.en));
    for (const [key, text] of entries(catalogue.zh)) {
      expect(text, key).not.toBe('');
      if (key === 'reports.listSeparator') continue;
      // Only what has no words: `card/lamp: current`.
      if (!/\p{Script=Han}/u.test(text))
        expect(text.replaceAll(/[\d\W_]|undefined/gu, ''), key).toMatch(/^[a-z]{0,10}$/i);
      if (/[a-z]{4,} [a-z]{2,} [a-z]{2,}/.test(text)) expect.soft(text, key).toMatch(/`|"|--|docker|python/);
      expect(same.has(key), key).toBe(true);
    }
  });
});

describe('chooseLanguage', () => {
  it.each([
    [[], { LANG: 'zh_CN.UTF-8' }, 'zh'],
    [[], { LANG: 'zh_TW.Big5', LC_MESSAGES: 'en_US.UTF-8' }, 'en'],
    [[], { LANG: 'en_US.UTF-8', LC_MESSAGES: 'zh_CN', LC_ALL: '' }, 'zh'],
    [[], { LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'en'],
    [[], { LANG: 'zhuang' }, 'en'],
    [['doctor', '--lang', 'zh'], { LANG: 'en_US.UTF-8' }, 'zh'],
    [['--lang=en', 'doctor'], { LANG: 'zh_CN.UTF-8' }, 'en'],
    [['generate', '--', '--lang', 'zh'], { LANG: 'C' }, 'en'],
    [['doctor', '--lang'], { LANG: 'zh_CN.UTF-8' }, 'zh'],
  ] as const)('%j under %j is %s', (args, environment, language) => {
    expect(chooseLanguage(args, environment, 'en-US')).toBe(language);
  });

  it('asks the system where no variable is set', () => {
    expect(chooseLanguage([], {}, 'zh-Hans-CN')).toBe('zh');
    expect(chooseLanguage([], {}, 'de-DE')).toBe('en');
  });
});
