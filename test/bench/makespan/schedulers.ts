/** All schedulers, in the order of the report: ours, alone and in two processes, and those of libraries. */
export const schedulers = [
  'client',
  'two processes',
  'p-queue + p-retry',
  'p-queue x 3 + p-retry',
  'cockatiel',
] as const;

/** The name of a scheduler. */
export type Scheduler = (typeof schedulers)[number];
