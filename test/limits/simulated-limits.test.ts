import { describe, expect, it } from 'vitest';
import type { Scenario } from '../bench/simulation/scenario.ts';
import { oracleMakespanMs } from '../bench/simulation/oracle.ts';
import { simulateClient, simulateSeveral } from '../bench/simulation/schedulers.ts';
import { SimulatedAccount } from '../bench/simulation/simulated-account.ts';

/** Jobs of 15 s on a clock that jumps from one event to the next, so the machine's speed does not matter. */
function scenario(jobs: number, limit: number, more: Partial<Scenario> = {}): Scenario {
  return { name: '', jobs, medianMs: 15_000, sigma: 0.3, limit: () => limit, slotTailMs: 0, roundTripMs: 100, ...more };
}

// The first jobs of these seeds end while the limit is still being found, because each answer takes a second.
it.each([41, 67, 74])(
  'slow answers do not keep the limit of an account with a tail too low (seed %i)',
  async (seed) => {
    const slow = scenario(96, 8, { sigma: 0.5, slotTailMs: 15_000, roundTripMs: 1000, requestsPerSecond: 20 });
    const { makespanMs, refusals, failed } = await simulateClient(slow, seed);
    expect(failed).toBe(0);
    expect(makespanMs / oracleMakespanMs(slow, seed)).toBeLessThan(1.2);
    expect(refusals).toBeLessThan(slow.jobs);
  },
);

describe.each([1, 2, 3])('of the simulated account %i', (seed) => {
  it('a later run starts with the limit that an earlier one found', async () => {
    const account = new SimulatedAccount(scenario(16, 3), seed);
    expect(await account.make(1, 8)).toMatchObject({ failed: 0 });
    expect(account.provider.refusals).toBe(1);
    expect(await account.make(2, 4)).toMatchObject({ failed: 0 });
    // A client without that knowledge would be refused at its fourth job.
    expect(account.provider.refusals).toBe(1);
    expect(account.accepted).toHaveLength(16);
  });

  it('a client learns the limit from refusals if more permits are allowed than the account has', async () => {
    const account = new SimulatedAccount(scenario(30, 2), seed);
    expect(await account.make(1, 30)).toMatchObject({ failed: 0, learnedLimits: [2] });
    expect(account.provider.refusals).toBeGreaterThan(0);
    expect(account.provider.refusals).toBeLessThanOrEqual(3);
  });

  it('four clients learn the release delay of slots of each other’s jobs', async () => {
    const { failed, refusals } = await simulateSeveral(scenario(40, 2, { slotTailMs: 9000 }), seed, 4);
    expect(failed).toBe(0);
    // The goal for one client. Four that do not know when the others' jobs end would be refused several times per job.
    expect(refusals).toBeGreaterThan(0);
    expect(refusals).toBeLessThanOrEqual(40);
  });

  it.each([2, 'auto'] as const)('four clients share two jobs evenly (maxConcurrent %s)', async (maxConcurrent) => {
    const { failed, refusals, shares } = await simulateSeveral(scenario(80, 2, { maxConcurrent }), seed, 4);
    expect(failed).toBe(0);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.8);
    // A known limit is never tested; an unknown one costs one refusal for all four, and is tested again now and then.
    expect(refusals).toBeLessThanOrEqual(maxConcurrent === 'auto' ? 8 : 0);
  });

  it('one client makes 200 images through one slot with a release delay, with less than one refusal per two images', async () => {
    const run = await simulateSeveral(scenario(200, 1, { slotTailMs: 50_000, maxConcurrent: 1 }), seed, 1);
    expect(run.failed).toBe(0);
    expect(run.refusals).toBeGreaterThan(0);
    expect(run.refusals).toBeLessThan(100);
  });
});
