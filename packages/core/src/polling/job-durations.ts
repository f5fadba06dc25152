import type { DurationRecord } from '../stores/permit-store.ts';

/** How long jobs take, as a lognormal distribution: job times are positive and skewed to the right. */
export interface DurationEstimate {
  readonly medianMs: number;
  /** Standard deviation of the logarithms. */
  readonly sigma: number;
  readonly count: number;
}

const memory = 64;
const keys = 64;
/** The prior spread, and how many measurements it weighs. */
const priorSigma = 0.4;
const priorWeight = 3;

/** A job that had ended at its first poll took at most that long; this share is recorded. */
const firstLookShare = 0.9;
/**
 * After this many of them in a row, jobs are much shorter than learned, or the measurements were wrong (a machine that polled
 * too late). Late polls cannot correct the estimate, so it is forgotten.
 */
const firstLooksInARow = 3;

/** Remembers how long the last jobs of a kind (model, size) took. */
export class JobDurations {
  readonly #logs = new Map<string, number[]>();
  readonly #estimates = new Map<string, DurationEstimate>();
  /** Jobs in a row that had ended at their first poll. */
  readonly #firstLooks = new Map<string, number>();

  /** Records a job that had ended at its first poll, `longestMs` after its start. */
  recordFirstLook(key: string, longestMs: number): void {
    const inARow = (this.#firstLooks.get(key) ?? 0) + 1;
    if (inARow < firstLooksInARow) {
      this.record(key, longestMs * firstLookShare);
      this.#firstLooks.set(key, inARow);
      return;
    }
    this.#forget(key);
  }

  /** Records one duration, and forgets the kind that was not seen for longest. */
  record(key: string, durationMs: number): void {
    const logs = this.#logs.get(key) ?? [];
    this.#logs.delete(key);
    logs.push(Math.log(Math.max(1, durationMs)));
    if (logs.length > memory) logs.shift();
    this.#logs.set(key, logs);
    this.#estimates.delete(key);
    this.#firstLooks.delete(key);
    if (this.#logs.size > keys) this.#forget(this.#logs.keys().next().value as string);
  }

  /** Takes over what an earlier run has measured, unless this run has measured that kind. */
  recall({ key, durationsMs }: DurationRecord): void {
    if (this.#logs.has(key)) return;
    for (const durationMs of durationsMs) this.record(key, durationMs);
  }

  /** The measurements of one kind, to be stored; undefined if there are none. */
  measures(key: string): DurationRecord | undefined {
    const logs = this.#logs.get(key);
    return logs && { key, durationsMs: logs.map((log) => Math.round(Math.exp(log) * 10) / 10) };
  }

  estimate(key: string): DurationEstimate | undefined {
    const logs = this.#logs.get(key);
    if (logs === undefined || logs.length === 0) return undefined;
    const known = this.#estimates.get(key) ?? describe(logs);
    this.#estimates.set(key, known);
    return known;
  }

  #forget(key: string): void {
    this.#logs.delete(key);
    this.#estimates.delete(key);
    this.#firstLooks.delete(key);
  }
}

function describe(logs: readonly number[]): DurationEstimate {
  const count = logs.length;
  const mean = logs.reduce((sum, value) => sum + value, 0) / count;
  const squares = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const variance = (priorWeight * priorSigma ** 2 + squares) / (priorWeight + count - 1);
  // The mean itself is uncertain, which widens the spread of the next job.
  const sigma = Math.sqrt(variance * (1 + 1 / count));
  return { medianMs: Math.exp(mean), sigma: Math.max(0.02, sigma), count };
}

/** A quantile of the estimate; `z` in standard deviations. */
export function quantileMs(estimate: DurationEstimate, z: number): number {
  return estimate.medianMs * Math.exp(z * estimate.sigma);
}
