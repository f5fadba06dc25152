import { systemClock } from '../internal/clock.ts';
import type { Clock } from '../internal/clock.ts';

/** Options of `createPollPacer`. */
export interface PollPacerOptions {
  /** Ends a wait at once. */
  readonly signal: AbortSignal;
  /** Default: the system clock. */
  readonly clock?: Clock | undefined;
  /** How long the job will probably still take, in milliseconds. Default: unknown. */
  readonly expectedMs?: number | undefined;
}

const shortestWaitMs = 100;
const longestWaitMs = 5_000;

/**
 * Decides when to poll a job, from the moment of this call: for backends whose driver passes no `nextPoll`. Waits grow with the
 * elapsed time (15 % of it, between 100 ms and 5 s), so that the delay fits the job, whether it takes 100 ms or a minute. With
 * `expectedMs` the first poll comes at 85 % of it, then every 5 %, then less often the later it gets.
 * @returns A function whose promise resolves at the time of the next poll, and rejects with the signal's reason on abort.
 */
export function createPollPacer(options: PollPacerOptions): () => Promise<void> {
  const { signal, clock = systemClock, expectedMs } = options;
  const startedAt = clock.monotonic();
  let asked = false;
  return async () => {
    const elapsed = clock.monotonic() - startedAt;
    const wait = expectedMs === undefined ? waitBlindly(elapsed, !asked) : waitFor(elapsed, expectedMs);
    asked = true;
    await clock.sleep(wait, signal);
  };
}

function waitBlindly(elapsed: number, first: boolean): number {
  return first ? bounded(0.1 * elapsed, shortestWaitMs / 2) : bounded(0.15 * elapsed, shortestWaitMs);
}

function waitFor(elapsed: number, expectedMs: number): number {
  const until = 0.85 * expectedMs - elapsed;
  if (until > 0) return until;
  return bounded(Math.max(0.05 * expectedMs, 0.15 * (elapsed - expectedMs)), shortestWaitMs / 2);
}

function bounded(waitMs: number, leastMs: number): number {
  return Math.min(longestWaitMs, Math.max(leastMs, waitMs));
}
