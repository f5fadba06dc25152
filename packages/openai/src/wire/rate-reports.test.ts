import { expect, it } from 'vitest';
import { rateReports } from './rate-reports.ts';

it('reads both rates, with durations as text or as seconds', () => {
  const headers = new Headers({
    'x-ratelimit-limit-requests': '500',
    'x-ratelimit-remaining-requests': '499',
    'x-ratelimit-reset-requests': '120ms',
    'x-ratelimit-limit-images': '5',
    'x-ratelimit-remaining-images': '0',
    'x-ratelimit-reset-images': '42',
  });
  expect(rateReports(headers)).toEqual([
    { unit: 'requests', perMinute: 500, remaining: 499, resetMs: 120 },
    { unit: 'images', perMinute: 5, remaining: 0, resetMs: 42_000 },
  ]);
});

it('ignores headers that are missing, cut or not numbers', () => {
  expect(rateReports(new Headers())).toEqual([]);
  expect(rateReports(new Headers({ 'x-ratelimit-limit-images': '5', 'x-ratelimit-remaining-images': '4' }))).toEqual(
    [],
  );
  expect(
    rateReports(
      new Headers({
        'x-ratelimit-limit-images': 'many',
        'x-ratelimit-remaining-images': '-1',
        'x-ratelimit-reset-images': 'soon',
      }),
    ),
  ).toEqual([]);
});
