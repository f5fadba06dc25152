/** One provider, one batch. Durations are in milliseconds. */
export interface Scenario {
  readonly name: string;
  readonly jobs: number;
  readonly medianMs: number;
  readonly sigma: number;
  /** Jobs at once, once `acceptedJobs` have been accepted. */
  readonly limit: (acceptedJobs: number) => number;
  readonly slotTailMs: number;
  /** Slots that other users of the account hold at a time. */
  readonly taken?: (atMs: number) => number;
  /** From a request to its answer. */
  readonly roundTripMs: number;
  /** The documented requests per second for submissions and for queries; absent = unlimited. */
  readonly requestsPerSecond?: number;
  /** Permits of the client. Default `"auto"`. */
  readonly maxConcurrent?: number | 'auto';
}

/** The result of a batch. */
export interface BatchFigures {
  readonly makespanMs: number;
  readonly refusals: number;
  readonly polls: number;
  /** From the end of a job until the client noticed it, on average. */
  readonly noticeMs: number;
  readonly failed: number;
}

/** A reproducible source of numbers in [0, 1): mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The durations of a batch's jobs, in the order of their acceptance: lognormal, the same for every scheduler. */
export function drawDurations(
  { jobs, medianMs, sigma }: Pick<Scenario, 'jobs' | 'medianMs' | 'sigma'>,
  seed: number,
): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: jobs }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return medianMs * Math.exp(sigma * normal);
  });
}

/** True if one more job may start. */
export function slotFree(scenario: Scenario, busy: number, accepted: number, atMs: number): boolean {
  return busy + (scenario.taken?.(atMs) ?? 0) < scenario.limit(accepted);
}
