import { invalidRequest } from '../contract/index.ts';
import { say } from '../limits/limit-messages.ts';

/** What is kept for one lane and kind of request. */
export interface RateState {
  /** The earliest moment that nobody has reserved yet, Unix time in milliseconds. */
  readonly nextAtMs: number;
  /** When the last reservation was made; a clock that was set back shows by it. */
  readonly seenAtMs: number;
}

/**
 * Reserves the next moment by the generic cell rate algorithm without a burst: requests keep a distance of
 * `1000 / perSecond` ms, whoever sends them. See https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm.
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
