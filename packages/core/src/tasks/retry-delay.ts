/** Bounds of exponential waits, in milliseconds. */
export interface RetryDelayOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  readonly random: () => number;
}

/**
 * How long to wait before try number `failures + 1`: what the provider asked for, else exponential with full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function retryDelayMs(failures: number, options: RetryDelayOptions, retryAfterMs?: number): number {
  if (retryAfterMs !== undefined) return Math.max(0, retryAfterMs);
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** Math.max(0, failures - 1));
  return options.random() * ceiling;
}
