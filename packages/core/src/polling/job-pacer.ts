import type { Clock } from '../internal/clock.ts';
import { expectedUnnoticedMs, nextLookAtMs } from './completion-model.ts';
import type { DurationEstimate } from './job-durations.ts';

/** Bounds of the time between two polls of a job of an unknown kind. */
const shortestStepMs = 50;
const longestStepMs = 5000;
/** Such a job is polled again after this share of its age. */
const blindShare = 0.15;

/** A job that is this old before its first poll was started by another run. */
const resumedAgeMs = 1000;

/** If the next job waits for this one's place, the delay may cost this share of a job. */
const queuedCostShare = 0.002;
/** If none waits, a short job's delay may cost this share; a long one gets no more polls than fixed polling. */
const calmCostShare = 0.045;

/**
 * The price of one poll, in milliseconds of delay. A job gets no more polls than fixed polling every 2 s would need (fitted to
 * simulated jobs with a sigma from 0.1 to 0.5). Short jobs get more, and more still while tasks wait for the place, because then
 * each delay adds to the whole batch.
 */
export function lookCostMs({ medianMs, sigma }: DurationEstimate, queued: boolean): number {
  const asFixedMs = (1.12e6 * sigma * Math.max(1, 3.6 - 2.5 * sigma)) / (medianMs + 1200);
  return Math.min(asFixedMs, medianMs * (queued ? queuedCostShare : calmCostShare));
}

export interface JobPacerOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Monotonic milliseconds at which the job was accepted. */
  readonly startedAtMs: number;
  readonly estimate: () => DurationEstimate | undefined;
  /** Whether tasks wait for the place of this job. */
  readonly queued: () => boolean;
  /** Waits for the lane's query rate; `urgency` is what a poll of this job is worth at that moment. */
  readonly enterQuery: (signal: AbortSignal, urgency: () => number) => Promise<void>;
}

/** Paces the polls of one job. */
export interface JobPacer {
  /** Polls so far. */
  readonly polls: number;
  /** Milliseconds between the last two polls: a job that has ended did so within them. */
  readonly sinceLastLookMs: number;
  nextPoll(): Promise<void>;
}

export function createJobPacer(options: JobPacerOptions): JobPacer {
  const { clock, signal, startedAtMs, estimate, queued, enterQuery } = options;
  let polls = 0;
  let lastLookMs = 0;
  let sinceLastLookMs = 0;
  const ageMs = (): number => Math.max(0, clock.monotonic() - startedAtMs);
  const urgency = (): number => {
    const known = estimate();
    return known === undefined ? ageMs() - lastLookMs : expectedUnnoticedMs(lastLookMs, ageMs(), known);
  };
  return {
    get polls() {
      return polls;
    },
    get sinceLastLookMs() {
      return sinceLastLookMs;
    },
    async nextPoll() {
      const known = estimate();
      // A resumed job is old before its first poll: poll it at once.
      const resumed = polls === 0 && ageMs() > resumedAgeMs;
      const blindStepMs = resumed ? 0 : Math.min(longestStepMs, Math.max(shortestStepMs, ageMs() * blindShare));
      const dueMs =
        known === undefined ? ageMs() + blindStepMs : nextLookAtMs(lastLookMs, lookCostMs(known, queued()), known);
      const waitMs = dueMs - ageMs();
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      await enterQuery(signal, urgency);
      polls += 1;
      sinceLastLookMs = ageMs() - lastLookMs;
      lastLookMs = ageMs();
    },
  };
}
