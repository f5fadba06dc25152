import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, describe, expect, it } from 'vitest';

import { chineseSentences } from './chinese-sentences.ts';
import { chooseLanguage } from './language.ts';
import { catalogue, setLanguage } from './messages.ts';
import { translate } from './translate.ts';

afterEach(() => setLanguage('en'));

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

describe('translate', () => {
  it('leaves English as it is', () => {
    expect(translate('Check the network.')).toBe('Check the network.');
  });

  it.each([
    [
      'Could not connect to gpu:8188 (ECONNREFUSED). Check the network.',
      '无法连接 gpu:8188（ECONNREFUSED）。请检查网络。',
    ],
    [
      'Could not connect to gpu:8188 through the proxy proxy:3128: the connection was closed',
      '无法经代理 proxy:3128 连接 gpu:8188：连接被关闭',
    ],
    // Nobody knows the first sentence: half a translation would be worse than none.
    ['Something else. Check the network.', 'Something else. Check the network.'],
  ])('puts %j into Chinese', (english, chinese) => {
    setLanguage('zh');
    expect(translate(english)).toBe(chinese);
  });

  it('gives up soon on a long text that is not a sentence', () => {
    setLanguage('zh');
    const text = 'answers nothing '.repeat(120);
    expect(translate(text)).toBe(text);
  });

  // A sentence that was reworded would come back in English, unnoticed.
  it('knows only sentences that the libraries still say', () => {
    const packages = fileURLToPath(new URL('../../../../packages', import.meta.url));
    const sources = ['core', 'cards', 'hunyuan', 'openai', 'comfyui', 'hybrid', 'redis']
      .flatMap((name) =>
        readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })
          .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
          .map((file) => readFileSync(join(packages, name, 'src', file), 'utf8')),
      )
      .join('\n')
      .replaceAll(/['`]\s*\+\s*['`]/g, '')
      .replaceAll("\\'", "'");
    // Some sentences are put together: each part of them still has to be there, in few pieces.
    const isSaid = (part: string): boolean => {
      let words = part.split(' ');
      for (let pieces = 0; pieces < 3 && words.length > 0; pieces += 1) {
        let length = words.length;
        while (
          length > 0 &&
          !sources.includes(
            words
              .slice(0, length)
              .join(' ')
              .replace(/[(),.:;]+$/, ''),
          )
        )
          length -= 1;
        words = words.slice(Math.max(1, length));
      }
      return words.length === 0;
    };
    const gone = chineseSentences.flatMap(([english]) =>
      english
        .split('{}')
        .map((part) => part.trim().replace(/^[.,:;() ]+|[.,:;()]+$/g, ''))
        .filter((part) => part.length > 8 && !isSaid(part))
        .map((part) => `${part} (of ${english})`),
    );
    expect(gone).toEqual([]);
  });

  it('uses every part that it takes from a sentence', () => {
    for (const [english, chinese] of chineseSentences) {
      const parts = english.split('{}').length - 1;
      const used = [...chinese.matchAll(/\{(\d)\}/g)].map(([, index]) => Number(index)).toSorted((a, b) => a - b);
      expect(used, english).toEqual(Array.from({ length: parts }, (_, index) => index + 1));
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
