import type { RateReport } from '@holodeck/core/backend';
import { durationMs } from './retry-after.ts';

/**
 * What the `x-ratelimit-*` headers of an answer say about the account's rates for requests and images, both by the minute
 * (https://platform.openai.com/docs/guides/rate-limits). Token rates are left to the service's refusals, because nobody
 * knows in advance what an image will use.
 */
export function rateReports(headers: Headers): RateReport[] {
  return (['requests', 'images'] as const).flatMap((unit) => {
    const perMinute = wholeNumber(headers.get(`x-ratelimit-limit-${unit}`));
    const remaining = wholeNumber(headers.get(`x-ratelimit-remaining-${unit}`));
    const resetMs = durationMs(headers.get(`x-ratelimit-reset-${unit}`));
    return perMinute === undefined || remaining === undefined || resetMs === undefined || perMinute === 0
      ? []
      : [{ unit, perMinute, remaining, resetMs }];
  });
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined;
}
