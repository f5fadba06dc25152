/**
 * Sizes of the long tests. A usual run is short; `HOLODECK_LONG_RUNS=1` makes them as long as the figures in
 * docs/guides/several-machines.md were measured with.
 */
export const isLongRun: boolean = process.env['HOLODECK_LONG_RUNS'] === '1';

export interface RunSize {
  /** Tasks of each of two producers that share an account. */
  readonly tasksEach: number;
  /** Workers killed, one a second. */
  readonly kills: number;
  /** Restarts of the server while work goes on. */
  readonly restarts: number;
}

export const runSize: RunSize = isLongRun
  ? { tasksEach: 500, kills: 60, restarts: 5 }
  : { tasksEach: 30, kills: 4, restarts: 1 };
