import type { Clock } from '../internal/clock.ts';
import { expectedUnnoticedMs, nextLookAtMs } from './completion-model.ts';
import type { DurationEstimate } from './job-durations.ts';

/** Bounds of the time between two looks at a job of which nothing is known. */
const shortestStepMs = 50;
const longestStepMs = 5000;
/** Such a job is looked at again after this share of its age. */
const blindShare = 0.15;

/** A job that is this old before its first look was started by another run. */
const resumedAgeMs = 1000;

/** When the lane's next job waits for this one's place, the delay may cost this share of a job. */
const queuedCostShare = 0.002;
/** When nobody waits, a short job's delay may cost this share; a long one gets no more looks than fixed polling gives it. */
const calmCostShare = 0.045;

/**
 * The price of one look, in milliseconds of delay. It is such that a job gets no more looks than fixed polling every 2 s
 * would give it (a fit to simulated jobs with a sigma from 0.1 to 0.5), but lower for short jobs, and lower still while
 * tasks wait for the place: then each delay adds to the whole batch.
 */
export function lookCostMs({ medianMs, sigma }: DurationEstimate, queued: boolean): number {
  const asFixedMs = (1.12e6 * sigma * Math.max(1, 3.6 - 2.5 * sigma)) / (medianMs + 1200);
  return Math.min(asFixedMs, medianMs * (queued ? queuedCostShare : calmCostShare));
}

/** What a pacer of one job needs. */
export interface JobPacerOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Monotonic milliseconds at which the job was accepted. */
  readonly startedAtMs: number;
  readonly estimate: () => DurationEstimate | undefined;
  /** Whether tasks wait for the place of this job. */
  readonly queued: () => boolean;
  /** Waits for the lane's query rate; `urgency` says, then, how much a look at this job is worth. */
  readonly enterQuery: (signal: AbortSignal, urgency: () => number) => Promise<void>;
}

/** Paces the looks at one job. */
export interface JobPacer {
  /** Looks that were granted. */
  readonly polls: number;
  /** Milliseconds between the last two looks: a job that is found to be over has ended within them. */
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
      // A resumed job is old before its first look: it is looked at at once.
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
