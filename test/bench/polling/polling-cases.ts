/** Spreads of the jobs' durations: standard deviations of the logarithms. */
export const sigmas = [0.1, 0.3, 0.5, 0.7] as const;

/** The spread that has a goal. */
export const aimedSigma = 0.3;

/** The ways to notice the end of a job. */
export type PollingWay =
  /** The client; no task waits for a slot. */
  | 'client'
  /** The client, while other tasks wait for each slot. */
  | 'client-queued'
  /** A query every 2 s. */
  | 'fixed';

export const ways: readonly PollingWay[] = ['client', 'client-queued', 'fixed'];

/** Jobs from which the client learns how long jobs take; they are not counted. */
export const learnedJobs = 20;
/** Enough for the mean delay of fixed polling, evenly spread over 2 s, to be within some 5 % of its expectation. */
export const countedJobs = 120;
/** Jobs at once. */
export const width = 20;
/** The median duration of a job in milliseconds: real time, because the 2 s of fixed polling are real too. */
export const medianMs = 20_000;
export const fixedPollMs = 2000;
