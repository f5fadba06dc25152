/** Spreads of the jobs' durations: standard deviations of the logarithms. */
export const sigmas = [0.1, 0.3, 0.5, 0.7] as const;

/** The spread for which there is an aim. */
export const aimedSigma = 0.3;

/** How a job's end is found out. */
export type PollingWay =
  /** The client; nobody waits for a place. */
  | 'client'
  /** The client, while further tasks wait for each place. */
  | 'client-queued'
  /** A query every 2 s. */
  | 'fixed';

export const ways: readonly PollingWay[] = ['client', 'client-queued', 'fixed'];

/** Jobs that only teach how long jobs take; they are not counted. */
export const learnedJobs = 20;
/** So many that the mean delay of fixed polling, evenly spread over 2 s, is within some 4 % of its expectation. */
export const countedJobs = 200;
/** Jobs at once. */
export const width = 20;
/** How long a job takes in the middle, in milliseconds: real time, for the 2 s of fixed polling are real as well. */
export const medianMs = 20_000;
export const fixedPollMs = 2000;
