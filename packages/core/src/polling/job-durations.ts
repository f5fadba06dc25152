import type { DurationRecord } from '../stores/permit-store.ts';

/** What is known of how long jobs take: a lognormal distribution, for job times are positive and skewed to the right. */
export interface DurationEstimate {
  readonly medianMs: number;
  /** Standard deviation of the logarithms. */
  readonly sigma: number;
  readonly count: number;
}

const memory = 64;
const keys = 64;
/** The spread that is believed before anything was measured, and how many measures that belief weighs. */
const priorSigma = 0.4;
const priorWeight = 3;

/** A job that was over at its first look took at most that long; so much of it is believed. */
const firstLookShare = 0.9;
/**
 * So many of them in a row: jobs have become much shorter than what was learned, or the measures were wrong from the start
 * (a machine that could not look in time). What looks come too late for cannot correct itself, so all is forgotten.
 */
const firstLooksInARow = 3;

/** Remembers how long the last jobs of a kind (model, size) took. */
export class JobDurations {
  readonly #logs = new Map<string, number[]>();
  readonly #estimates = new Map<string, DurationEstimate>();
  /** Jobs in a row that were over at their first look. */
  readonly #firstLooks = new Map<string, number>();

  /** Notes a job that was over at its first look, `longestMs` after its start. */
  recordFirstLook(key: string, longestMs: number): void {
    const inARow = (this.#firstLooks.get(key) ?? 0) + 1;
    if (inARow < firstLooksInARow) {
      this.record(key, longestMs * firstLookShare);
      this.#firstLooks.set(key, inARow);
      return;
    }
    this.#forget(key);
  }

  /** Notes one duration; the kinds that were not seen for longest are forgotten. */
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

  /** Takes what an earlier run has measured, unless this one has measured that kind itself. */
  recall({ key, durationsMs }: DurationRecord): void {
    if (this.#logs.has(key)) return;
    for (const durationMs of durationsMs) this.record(key, durationMs);
  }

  /** What was measured of one kind, to be kept; undefined when it was never seen. */
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
  // The next job may also lie off because the mean itself is not exactly known.
  const sigma = Math.sqrt(variance * (1 + 1 / count));
  return { medianMs: Math.exp(mean), sigma: Math.max(0.02, sigma), count };
}

/** Where a quantile of the estimate lies; `z` in standard deviations. */
export function quantileMs(estimate: DurationEstimate, z: number): number {
  return estimate.medianMs * Math.exp(z * estimate.sigma);
}
