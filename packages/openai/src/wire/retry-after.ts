import { retryAfterMs as retryAfterOf } from '@holodeck/core/backend';

const longest = 24 * 3600 * 1000;

/**
 * How long the server asks to wait, in milliseconds: `retry-after-ms`, else `retry-after` (seconds or a date), else the reset
 * time of whichever `x-ratelimit-*` budget is used up. Undefined when it does not say.
 * @param now Unix time in milliseconds.
 */
export function retryAfterMs(headers: Headers, now: number = Date.now()): number | undefined {
  const milliseconds = number(headers.get('retry-after-ms'));
  if (milliseconds !== undefined) return bounded(milliseconds);
  const after = retryAfterOf(headers.get('retry-after'), now);
  if (after !== undefined) return after;
  const resets = ['images', 'requests', 'tokens', 'input-images']
    .filter((budget) => number(headers.get(`x-ratelimit-remaining-${budget}`)) === 0)
    .map((budget) => durationMs(headers.get(`x-ratelimit-reset-${budget}`)))
    .filter((reset) => reset !== undefined);
  return resets.length === 0 ? undefined : bounded(Math.max(...resets));
}

/** `12` (seconds), `1s`, `6m0s`, `250ms`, `1h2m3.5s`. */
export function durationMs(text: string | null): number | undefined {
  const seconds = number(text);
  if (seconds !== undefined) return seconds * 1000;
  if (text === null || !/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined;
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
    total += Number(amount) * (units[unit ?? ''] ?? 0);
  return total;
}

function number(text: string | null): number | undefined {
  return text !== null && /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

function bounded(ms: number): number {
  return Math.min(Math.max(0, Math.ceil(ms)), longest);
}
