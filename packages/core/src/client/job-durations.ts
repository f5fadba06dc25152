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

/** Remembers how long the last jobs of a kind (model, size) took. */
export class JobDurations {
  readonly #logs = new Map<string, number[]>();
  readonly #estimates = new Map<string, DurationEstimate>();

  /** Notes one duration; the kinds that were not seen for longest are forgotten. */
  record(key: string, durationMs: number): void {
    const logs = this.#logs.get(key) ?? [];
    this.#logs.delete(key);
    logs.push(Math.log(Math.max(1, durationMs)));
    if (logs.length > memory) logs.shift();
    this.#logs.set(key, logs);
    this.#estimates.delete(key);
    if (this.#logs.size <= keys) return;
    const oldest = this.#logs.keys().next().value as string;
    this.#logs.delete(oldest);
    this.#estimates.delete(oldest);
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
