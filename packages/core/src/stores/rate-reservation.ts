import { invalidRequest } from '../contract/index.ts';
import { say } from '../limits/limit-messages.ts';

/** The state of one rate: one lane, one kind of request. */
export interface RateState {
  /** The first moment that is not reserved, Unix time in milliseconds. */
  readonly nextAtMs: number;
  /** When the last reservation was made; shows if the clock was set back. */
  readonly seenAtMs: number;
}

/**
 * Reserves the next moment by the generic cell rate algorithm without a burst: all requests of all clients are at least
 * `1000 / perSecond` ms apart. See https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm.
 */
export function reserveMoment(
  state: RateState | undefined,
  perSecond: number,
  nowMs: number,
): { readonly state: RateState; readonly waitMs: number } {
  const setBackMs = Math.max(0, (state?.seenAtMs ?? nowMs) - nowMs);
  const reservedMs = Math.max(nowMs, (state?.nextAtMs ?? nowMs) - setBackMs);
  return {
    state: { nextAtMs: reservedMs + 1000 / perSecond, seenAtMs: nowMs },
    waitMs: reservedMs - nowMs,
  };
}

/** Throws unless the rate is a positive number. */
export function checkRate(perSecond: number): void {
  if (perSecond > 0) return;
  throw invalidRequest(say('rate-value', { value: String(perSecond), type: typeof perSecond }));
}
