import type { Clock } from '../internal/clock.ts';
import { quantileMs } from './job-durations.ts';
import type { DurationEstimate } from './job-durations.ts';

/** Bounds of the time between two polls of one job. */
const minStepMs = 25;
const maxStepMs = 5000;
const firstStepMs = 100;

/**
 * When the next poll of a job pays, in milliseconds after its acceptance. Without knowledge the steps grow with the time
 * already waited, so that the delay stays a fixed share of the job. With knowledge the first poll comes where the first few
 * jobs of the distribution end, and the steps are a share of its spread.
 */
export function nextPollAtMs(elapsedMs: number, polls: number, estimate: DurationEstimate | undefined): number {
  if (estimate === undefined) {
    return elapsedMs + Math.min(maxStepMs, Math.max(firstStepMs, elapsedMs * 0.2));
  }
  const earliestMs = quantileMs(estimate, -2);
  if (polls === 0 && elapsedMs < earliestMs) return earliestMs;
  const step = (estimate.medianMs * estimate.sigma) / 5;
  // Past what was ever seen, something is slow: step back to a share of the time waited.
  const late = quantileMs(estimate, 3);
  const slow = elapsedMs > late ? elapsedMs * 0.2 : step;
  return elapsedMs + Math.min(maxStepMs, Math.max(minStepMs, slow));
}

/** What a pacer of one job needs. */
export interface JobPacerOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Monotonic milliseconds at which the job was accepted, or a resumed collection began. */
  readonly startedAtMs: number;
  readonly estimate: () => DurationEstimate | undefined;
  /** Waits for the lane's query rate. */
  readonly enterQuery: (signal: AbortSignal) => Promise<void>;
}

/** Paces the polls of one job; `polls` counts them. */
export interface JobPacer {
  readonly polls: number;
  nextPoll(): Promise<void>;
}

export function createJobPacer(options: JobPacerOptions): JobPacer {
  const { clock, signal, startedAtMs, estimate, enterQuery } = options;
  let polls = 0;
  return {
    get polls() {
      return polls;
    },
    async nextPoll() {
      const elapsedMs = clock.monotonic() - startedAtMs;
      const waitMs = nextPollAtMs(elapsedMs, polls, estimate()) - elapsedMs;
      polls += 1;
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      await enterQuery(signal);
    },
  };
}
