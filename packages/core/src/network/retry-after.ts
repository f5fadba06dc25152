const longestMs = 24 * 3600 * 1000;

/**
 * The wait of a `Retry-After` header in milliseconds, at most a day: seconds or a date (RFC 9110, section 10.2.3). Undefined for
 * anything else, such as `-1` or a word.
 * @param nowMs Unix time.
 */
export function retryAfterMs(value: string | null | undefined, nowMs: number = Date.now()): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.min(Math.ceil(Number(text) * 1000), longestMs);
  // `Date.parse` alone reads "-1" and "soon 1" as dates in the past, and the wait would be 0.
  const isDate = /^[A-Z][a-z]+, .+ GMT$|^\d{4}-\d\d-\d\dT/.test(text);
  const date = isDate ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - nowMs), longestMs);
}
