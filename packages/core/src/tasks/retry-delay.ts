import type { ClientEnvironment } from '../client/client-environment.ts';

/**
 * The wait in milliseconds before try number `failures + 1`: what the provider asked for, else exponential with full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function retryDelayMs(
  failures: number,
  { options, random }: Pick<ClientEnvironment, 'options' | 'random'>,
  retryAfterMs?: number,
): number {
  if (retryAfterMs !== undefined) return Math.max(0, retryAfterMs);
  return random() * Math.min(options.retryMaxMs, options.retryBaseMs * 2 ** Math.max(0, failures - 1));
}
