import { expect, test } from 'vitest';

import { ImageError } from '../contract/image-error.ts';
import { probeReport } from '../contract/probe-report.ts';
import { defineMessages, joinSentences, renderMessage, renderSentence } from './define-messages.ts';
import { cleanMessage, messageOf } from './message-of.ts';

const say = defineMessages('test-parts', {
  refused: { en: '{host} says: {reason}', zh: '{host} 说：{reason}' },
  key: { en: 'The key {key} is wrong.', zh: '密钥 {key} 不正确。' },
});

test('only the message of an error becomes a part, so that it stays plain JSON', () => {
  const error = new ImageError({ kind: 'auth', outcome: 'not-submitted', ...say('key', { key: 'k' }) });
  expect(messageOf(error)).toEqual(say('key', { key: 'k' }));
  expect(joinSentences(error).params).toEqual({ 0: say('key', { key: 'k' }) });
  expect(say('refused', { host: 'a', reason: error }).params).toEqual({ host: 'a', reason: say('key', { key: 'k' }) });
});

test('secrets leave the sentence and every value, however deep', () => {
  const message = joinSentences(say('refused', { host: 'a', reason: say('key', { key: 'sk-1' }) }), 'sk-1 was sent.');
  const cleaned = cleanMessage(message, (text) => text.replaceAll('sk-1', '***'));
  expect(JSON.stringify(cleaned)).not.toContain('sk-1');
  expect(cleaned.message).toBe('a says: The key *** is wrong. *** was sent.');
  expect(renderMessage(cleaned, { language: 'zh' })).toBe('a 说：密钥 *** 不正确。*** was sent.');
});

test('sentences without ids join to a message without one', () => {
  expect(joinSentences('One.', undefined, { message: 'Two.' })).toEqual({ message: 'One. Two.' });
});

test('a report has its sentences as texts, and says them again in Chinese', () => {
  const report = probeReport({
    backend: 'b',
    model: 'm',
    status: 'down',
    message: say('key', { key: 'k' }),
    proves: [say('refused', { host: 'a', reason: 'no' })],
    remedy: { message: 'Wait.' },
    checkedAtMs: 0,
    durationMs: 1,
  });
  expect(report).toMatchObject({
    message: 'The key k is wrong.',
    proves: ['a says: no'],
    doesNotProve: [],
    remedy: 'Wait.',
  });
  const chinese = [report.message, ...report.proves, report.remedy ?? ''].map((text) =>
    renderSentence(text, report.sentences, { language: 'zh' }),
  );
  expect(chinese).toEqual(['密钥 k 不正确。', 'a 说：no', 'Wait.']);
});
