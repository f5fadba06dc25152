import { expect, test } from 'vitest';

import { defineMessages, joinSentences, renderMessage } from './define-messages.ts';
import type { Message } from './message.ts';

const say = defineMessages('test', {
  plain: { en: 'Nothing was sent.', zh: '没有发送请求。' },
  place: { en: 'The size {size} is too large.', zh: '尺寸 {size} 过大。' },
  count: { en: '{count} {count:image|images}', zh: '{count} 张图片' },
  reader: { en: 'Raise [maxCost|--max-cost] to go on.', zh: '要继续请提高 [maxCost|--max-cost]。' },
  nested: { en: '{backend} says: {reason}', zh: '{backend} 说：{reason}' },
  json: { en: 'Give { width: 1 } or {"prompt": "x"}, not {value}.', zh: '请给出 { width: 1 }，而不是 {value}。' },
});

test('a message says itself in English and carries its id and values', () => {
  expect(say('place', { size: '9x9' })).toEqual({
    message: 'The size 9x9 is too large.',
    messageId: 'test.place',
    params: { size: '9x9' },
  });
  expect(say('plain')).toEqual({ message: 'Nothing was sent.', messageId: 'test.plain' });
});

test('a message is said again in Chinese, with the messages inside it', () => {
  const message = say('nested', { backend: 'openai', reason: say('place', { size: '9x9' }) });
  expect(message.message).toBe('openai says: The size 9x9 is too large.');
  expect(renderMessage(message, { language: 'zh' })).toBe('openai 说：尺寸 9x9 过大。');
  const stored = JSON.parse(JSON.stringify(message)) as Message;
  expect(renderMessage(stored, { language: 'zh' })).toBe('openai 说：尺寸 9x9 过大。');
});

test('the word fits the number', () => {
  expect(say('count', { count: 1 }).message).toBe('1 image');
  expect(say('count', { count: 2 }).message).toBe('2 images');
  expect(renderMessage(say('count', { count: 2 }), { language: 'zh' })).toBe('2 张图片');
});

test('the reader is told what can be done where they stand', () => {
  expect(say('reader').message).toBe('Raise maxCost to go on.');
  expect(renderMessage(say('reader'), { reader: 'command-line' })).toBe('Raise --max-cost to go on.');
});

test('braces around more than a word are part of the sentence', () => {
  expect(say('json', { value: '{size}' }).message).toBe('Give { width: 1 } or {"prompt": "x"}, not {size}.');
});

test('sentences join without blanks in Chinese, and text from elsewhere stays', () => {
  const joined = joinSentences(say('plain'), undefined, 'quota exceeded', say('place', { size: '9x9' }));
  expect(joined.message).toBe('Nothing was sent. quota exceeded The size 9x9 is too large.');
  expect(renderMessage(joined, { language: 'zh' })).toBe('没有发送请求。quota exceeded 尺寸 9x9 过大。');
});

test('text that has no id, or an unknown one, is said as it stands', () => {
  expect(renderMessage({ message: 'as is' }, { language: 'zh' })).toBe('as is');
  expect(renderMessage({ message: 'as is', messageId: 'other.id' }, { language: 'zh' })).toBe('as is');
});

test('the compiler asks for every value and knows every id', () => {
  expect(say('place', { size: 1 }).message).toContain('1');
  // @ts-expect-error a value is missing
  say('place');
  // @ts-expect-error an id that is not there
  say('none');
  // @ts-expect-error Chinese is missing
  defineMessages('other', { half: { en: 'Half.' } });
});
