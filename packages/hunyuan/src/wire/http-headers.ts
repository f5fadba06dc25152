/** The service's clock less this machine's by a `Date` header, in milliseconds; exact to about a second. */
export function clockSkewMs(date: string | null | undefined, now: number = Date.now()): number | undefined {
  const then = Date.parse(date ?? '');
  // The header has whole seconds, cut off: on average it is half a second old.
  return Number.isNaN(then) ? undefined : then + 500 - now;
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfterMs(value: string | null | undefined, now: number = Date.now()): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
