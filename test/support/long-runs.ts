import { TestRunner } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** True for a file of which only a sample ran. */
    sampled?: boolean;
  }
}

/** True with `HOLODECK_LONG_RUNS=1`: suites that a normal run samples run whole. */
export const isLongRun: boolean = process.env['HOLODECK_LONG_RUNS'] === '1';

/**
 * `count` entries of a list, spread evenly over it and the same in every run; all in a long run. Each kind of case must
 * stay in the sample: give each kind a list of its own. Only for use while a test file is collected.
 */
export function sampled<T>(list: readonly T[], count: number): readonly T[] {
  if (isLongRun || count >= list.length) return list;
  noteSample();
  return Array.from({ length: count }, (_, index) => list[Math.floor((index * list.length) / count)] as T);
}

/** The size of a suite: `whole` in a long run, `normal` otherwise. Only for use while a test file is collected. */
export function sized<T>(normal: T, whole: T): T {
  if (isLongRun) return whole;
  noteSample();
  return normal;
}

/** Lets the reporter name the file at the end of the run. */
function noteSample(): void {
  const { file } = TestRunner.getCurrentSuite();
  if (file !== undefined) file.meta.sampled = true;
}
