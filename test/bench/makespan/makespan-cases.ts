import type { Scenario } from '../simulation/scenario.ts';

/** The median duration of a real job, and how long its slot stays taken if it has a tail. */
const serviceJobMs = 15_000;
const serviceTailMs = 15_000;

/** Seeds of the jobs' durations. */
export const seeds: readonly number[] = [1, 2, 3, 4, 5];

/** A scenario of the real service, run at a multiple of its speed. */
export interface MakespanCase {
  readonly scenario: Scenario;
  /** How many times as fast as the real service. */
  readonly speed: number;
  /** What the libraries are told: the limit, or the higher one if it changes. */
  readonly rightSize: number;
  /** The makespan to reach, as a multiple of the oracle's. */
  readonly aim: number;
  /** The refusals to reach, as a share of the jobs. */
  readonly refusalAim: { readonly share: number; readonly below: boolean };
}

interface Limits {
  readonly name: string;
  readonly jobs: number;
  readonly limit: (acceptedJobs: number) => number;
  readonly rightSize: number;
  readonly aim: number;
}

const limits: readonly Limits[] = [
  { name: '1', jobs: 30, limit: () => 1, rightSize: 1, aim: 1.05 },
  { name: '2', jobs: 36, limit: () => 2, rightSize: 2, aim: 1.05 },
  { name: '3', jobs: 48, limit: () => 3, rightSize: 3, aim: 1.05 },
  { name: '8', jobs: 96, limit: () => 8, rightSize: 8, aim: 1.05 },
  { name: '6, then 2', jobs: 120, limit: (accepted) => (accepted < 60 ? 6 : 2), rightSize: 6, aim: 1.1 },
];

/** All cases, at this multiple of the service's speed. */
export function makespanCases(speed: number): MakespanCase[] {
  return limits.flatMap(({ name, jobs, limit, rightSize, aim }) =>
    [0, serviceTailMs].map((tailMs) => ({
      scenario: {
        name: `${name}${tailMs === 0 ? '' : ', with a tail'}`,
        jobs,
        limit,
        medianMs: serviceJobMs / speed,
        sigma: 0.5,
        slotTailMs: tailMs / speed,
        roundTripMs: 0,
      },
      speed,
      rightSize,
      aim,
      refusalAim: tailMs === 0 ? { share: 0.05, below: true } : { share: 1, below: false },
    })),
  );
}
