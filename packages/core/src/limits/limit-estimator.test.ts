import { describe, expect, it } from 'vitest';
import { LimitEstimator } from './limit-estimator.ts';

/** Fills until refused, as a lane does at its start. */
function filled(limit: number): LimitEstimator {
  const estimator = new LimitEstimator(64, true);
  for (let inFlight = 0; inFlight < limit; inFlight += 1) {
    expect(estimator.waitMs(0, inFlight, 0)).toBe(0);
    estimator.accepted(0, inFlight);
  }
  expect(estimator.waitMs(0, limit, 0)).toBe(0);
  expect(estimator.refused(0, limit, 0)).toBe('full');
  return estimator;
}

/** `count` jobs end and are followed at once. */
function turnOver(estimator: LimitEstimator, atMs: number, count: number, limit: number): void {
  for (let job = 0; job < count; job += 1) {
    estimator.ended({ atMs: atMs + job * 1000, withinMs: 0 });
    expect(estimator.waitMs(atMs + job * 1000, limit - 1, 0)).toBe(0);
    estimator.accepted(atMs + job * 1000 + 1, limit - 1);
  }
}

describe('an account whose limit is not known', () => {
  it('is filled one by one until refused, which costs one refusal', () => {
    for (const limit of [1, 3, 8]) {
      const estimator = filled(limit);
      expect([estimator.limit, estimator.learned, estimator.mayProbe]).toEqual([limit, true, false]);
      expect(estimator.waitMs(0, limit, 0)).toBe(Number.POSITIVE_INFINITY);
      expect(estimator.waitMs(0, limit - 1, 0)).toBe(0);
      expect(estimator.waitMs(0, limit - 1, 1)).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it('tries one job at a time above the proven limit', () => {
    const estimator = new LimitEstimator(64, true);
    expect(estimator.waitMs(0, 0, 1)).toBe(Number.POSITIVE_INFINITY);
    estimator.accepted(0, 0);
    expect(estimator.waitMs(0, 1, 0)).toBe(0);
    expect(estimator.waitMs(0, 1, 1)).toBe(Number.POSITIVE_INFINITY);
  });

  it('tries one more now and then, at the cost of at most 4.5 % of the jobs', () => {
    const estimator = filled(3);
    let probes = 0;
    for (let job = 0; job < 1000; job += 1) {
      turnOver(estimator, 10_000 + job * 1000, 1, 3);
      if (!estimator.mayProbe) continue;
      probes += 1;
      expect(estimator.refused(10_000 + job * 1000 + 2, 3, 0)).toBe('full');
    }
    expect(probes).toBeGreaterThan(3);
    expect(probes).toBeLessThan(30);
    expect(estimator.limit).toBe(3);
  });

  it('does not rise while the slot of an ended job may still be taken: a refusal would prove nothing', () => {
    const estimator = new LimitEstimator(64, true);
    estimator.accepted(0, 0);
    estimator.ended({ atMs: 10_000, withinMs: 0 });
    expect(estimator.refused(10_010, 0, 0)).toBe('tail');
    estimator.accepted(20_000, 0);
    // The tail is 10 s at most by what was seen, and a quarter more to be sure.
    expect(estimator.waitMs(20_000, 1, 0)).toBe(2500);
    expect(estimator.waitMs(22_500, 1, 0)).toBe(0);
  });

  it('rises when a try succeeds', () => {
    const estimator = filled(2);
    turnOver(estimator, 10_000, 60, 2);
    expect(estimator.mayProbe).toBe(true);
    estimator.accepted(80_000, 2);
    expect([estimator.limit, estimator.mayProbe]).toEqual([3, true]);
  });
});

describe('a refusal with free slots', () => {
  it('means a tail if none was ever bounded, and the retry measures it', () => {
    const estimator = filled(1);
    estimator.ended({ atMs: 10_000, withinMs: 0 });
    expect(estimator.refused(10_010, 0, 0)).toBe('tail');
    expect(estimator.refused(20_000, 0, 0)).toBe('tail');
    estimator.accepted(40_000, 0);
    estimator.ended({ atMs: 60_000, withinMs: 0 });
    // Between 10 and 30 s: halfway.
    expect(estimator.waitMs(60_000, 0, 0)).toBe(20_000);
    expect(estimator.releaseSlotAfterMs({ atMs: 60_000, withinMs: 4000 })).toBe(18_000);
    expect(estimator.limit).toBe(1);
  });

  it('means a lowered limit if slots were always free at once: refusals lead down to it', () => {
    const estimator = filled(6);
    turnOver(estimator, 10_000, 10, 6);
    estimator.ended({ atMs: 30_000, withinMs: 0 });
    expect(estimator.refused(30_001, 5, 0)).toBe('full');
    expect(estimator.limit).toBe(5);
    estimator.ended({ atMs: 31_000, withinMs: 0 });
    expect(estimator.refused(31_001, 4, 0)).toBe('full');
    expect([estimator.limit, estimator.tail.estimateMs]).toEqual([2, 0]);
    for (const atMs of [32_000, 33_000]) estimator.ended({ atMs, withinMs: 0 });
    // Up again to where it was refused, one by one.
    expect(estimator.refused(33_001, 2, 0)).toBe('full');
    estimator.ended({ atMs: 34_000, withinMs: 0 });
    estimator.accepted(34_001, 1);
    expect([estimator.limit, estimator.mayProbe]).toEqual([2, false]);
  });

  it('is forgiven if one slot came back late: the limit is tried once more', () => {
    const estimator = filled(3);
    turnOver(estimator, 10_000, 10, 3);
    estimator.ended({ atMs: 30_000, withinMs: 0 });
    expect(estimator.refused(30_001, 2, 0)).toBe('full');
    estimator.ended({ atMs: 31_000, withinMs: 0 });
    estimator.accepted(31_001, 1);
    expect([estimator.limit, estimator.mayProbe]).toEqual([2, true]);
    estimator.accepted(31_002, 2);
    expect([estimator.limit, estimator.mayProbe]).toEqual([3, false]);
  });

  it('bounds the tail by the latest possible ends, not by the ends that were noticed last', () => {
    const estimator = filled(2);
    estimator.ended({ atMs: 10_000, withinMs: 0 });
    estimator.ended({ atMs: 10_500, withinMs: 8000 });
    expect(estimator.refused(10_600, 0, 0)).toBe('tail');
    // The slot that is free now may be that of the job which ended up to 8 s before its end was noticed.
    estimator.accepted(12_000, 0);
    expect(estimator.tail.longestMs).toBe(9500 * 1.25);
  });

  it('is not tried again before most of the time until the slot must be free has passed', () => {
    const estimator = filled(1);
    estimator.ended({ atMs: 10_000, withinMs: 0 });
    expect(estimator.refused(10_010, 0, 0)).toBe('tail');
    // Nothing bounds the tail yet: steps grow with the time that was waited.
    expect(estimator.refused(20_000, 0, 0)).toBe('tail');
    expect(estimator.tailStepMs(20_000, 0)).toBe(7000);
    estimator.accepted(40_000, 0);
    // Ended up to 16 s before the notice: free between 52 and 80 s by what is known, 60 s being the middle.
    estimator.ended({ atMs: 60_000, withinMs: 16_000 });
    expect(estimator.waitMs(60_000, 0, 0)).toBe(12_000);
    expect(estimator.refused(72_000, 0, 0)).toBe('tail');
    expect(estimator.tailStepMs(72_000, 0)).toBeGreaterThan(0.5 * 9000);
    expect(estimator.tailStepMs(72_000, 0)).toBeLessThan(20_000);
  });

  it('means another program if none of our jobs runs or has just ended', () => {
    const estimator = new LimitEstimator(1, false);
    expect(estimator.refused(0, 0, 0)).toBe('elsewhere');
    estimator.accepted(1, 0);
    expect(estimator.limit).toBe(1);
  });

  it('relearns a tail that has become much longer', () => {
    const estimator = new LimitEstimator(1, false);
    estimator.accepted(0, 0);
    for (let job = 1; job < 10; job += 1) {
      estimator.ended({ atMs: job * 1000, withinMs: 0 });
      estimator.accepted(job * 1000 + 1, 0);
    }
    const meanings: string[] = [];
    for (let job = 1; job <= 4; job += 1) {
      const atMs = job * 100_000;
      estimator.ended({ atMs, withinMs: 0 });
      meanings.push(estimator.refused(atMs + 10, 0, 0), estimator.refused(atMs + 20_000, 0, 0));
      estimator.accepted(atMs + 30_000, 0);
    }
    expect(meanings.at(-1)).toBe('tail');
    expect(estimator.tail.estimateMs).toBeGreaterThan(20_000);
    expect(estimator.tail.estimateMs).toBeLessThanOrEqual(30_000);
  });

  it('learns a smaller account than the caller said', () => {
    const estimator = new LimitEstimator(4, false);
    expect(estimator.waitMs(0, 0, 3)).toBe(0);
    estimator.accepted(1, 0);
    for (const others of [2, 1, 0]) estimator.refused(2, 1, others);
    expect(estimator.limit).toBe(1);
    expect(estimator.waitMs(3, 1, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('soon returns to what the caller said: another program used it for a while', () => {
    const fallen = (estimator: LimitEstimator): LimitEstimator => {
      for (let inFlight = 0; inFlight < 3; inFlight += 1) estimator.accepted(0, inFlight);
      turnOver(estimator, 10_000, 20, 3);
      estimator.ended({ atMs: 50_000, withinMs: 0 });
      expect(estimator.refused(50_001, 2, 0)).toBe('full');
      estimator.ended({ atMs: 51_000, withinMs: 0 });
      expect(estimator.refused(51_001, 1, 0)).toBe('full');
      expect(estimator.limit).toBe(1);
      return estimator;
    };
    const told = fallen(new LimitEstimator(3, false));
    const unknown = fallen(new LimitEstimator(64, true));
    for (const estimator of [told, unknown]) {
      estimator.ended({ atMs: 60_000, withinMs: 0 });
      turnOver(estimator, 61_000, 4, 1);
    }
    expect([told.mayProbe, unknown.mayProbe]).toEqual([true, false]);
  });
});
