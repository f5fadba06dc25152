/** What is known of how long jobs take. */
export interface DurationEstimate {
  readonly medianMs: number;
  /** Standard deviation of the logarithms. */
  readonly sigma: number;
  readonly count: number;
}

const memory = 32;
const keys = 64;

/**
 * Remembers how long the last jobs of a kind (model, size) took, and describes them as a lognormal distribution: job times
 * are positive and skewed to the right.
 */
export class JobDurations {
  readonly #logs = new Map<string, number[]>();

  record(key: string, durationMs: number): void {
    const logs = this.#logs.get(key) ?? [];
    this.#logs.delete(key);
    logs.push(Math.log(Math.max(1, durationMs)));
    if (logs.length > memory) logs.shift();
    this.#logs.set(key, logs);
    if (this.#logs.size > keys) this.#logs.delete(this.#logs.keys().next().value as string);
  }

  estimate(key: string): DurationEstimate | undefined {
    const logs = this.#logs.get(key);
    if (logs === undefined || logs.length === 0) return undefined;
    const sorted = logs.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] as number;
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, logs.length - 1);
    // Few samples say little of the spread: start from a cautious one.
    const sigma = logs.length < 4 ? 0.5 : Math.sqrt(variance);
    return { medianMs: Math.exp(median), sigma: Math.max(0.02, sigma), count: logs.length };
  }
}

/** Where a quantile of the estimate lies; `z` in standard deviations. */
export function quantileMs(estimate: DurationEstimate, z: number): number {
  return estimate.medianMs * Math.exp(z * estimate.sigma);
}
