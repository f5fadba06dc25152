import { expect, it } from 'vitest';
import { durationMs, retryAfterMs } from './retry-after.ts';
import { safeText } from './safe-text.ts';

const now = Date.parse('2026-11-24T12:00:00Z');

it.each([
  [{ 'retry-after': '3' }, 3000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': 'Tue, 24 Nov 2026 12:00:07 GMT' }, 7000],
  [{ 'retry-after-ms': '250', 'retry-after': '3' }, 250],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '-1' }, undefined],
  [{}, undefined],
  [{ 'x-ratelimit-remaining-images': '0', 'x-ratelimit-reset-images': '12' }, 12_000],
  [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
  [{ 'x-ratelimit-remaining-requests': '5', 'x-ratelimit-reset-requests': '6m0s' }, undefined],
])('%j is %s ms', (headers, expected) => {
  expect(retryAfterMs(new Headers(headers), now)).toBe(expected);
});

it('reads durations', () => {
  expect(['1s', '250ms', '1h2m3.5s', '2'].map(durationMs)).toEqual([1000, 250, 3_723_500, 2000]);
  expect([durationMs('x'), durationMs(null), durationMs('')]).toEqual([undefined, undefined, undefined]);
});

it('makes the words of a server safe to show', () => {
  const text = 'Bad key sk-abc***xyz at https://h.example/i.png?sig=1 \u001b[31mBearer abc.def\nnext my-secret-header';
  expect(safeText(text, ['my-secret-header'], 200)).toBe(
    'Bad key *** at https://h.example/i.png [31mBearer *** next ***',
  );
  expect(safeText('x'.repeat(300), [], 10)).toBe(`${'x'.repeat(10)}…`);
});
