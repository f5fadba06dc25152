import { describe, expect, it } from 'vitest';
import { expectedUnnoticedMs, nextLookAtMs } from './completion-model.ts';

const estimate = { medianMs: 20_000, sigma: 0.3, count: 20 };

function looks(costMs: number): number[] {
  const times: number[] = [];
  while ((times.at(-1) ?? 0) < 120_000) times.push(nextLookAtMs(times.at(-1) ?? 0, costMs, estimate));
  return times;
}

describe('nextLookAtMs', () => {
  it('does not poll before jobs begin to end, and polls most often where most of them end', () => {
    const times = looks(45);
    expect(times[0]).toBeGreaterThan(9_000);
    expect(times[0]).toBeLessThan(14_000);
    const gaps = times.slice(1).map((at, index) => at - (times[index] as number));
    const gapAt = (ms: number): number => gaps[times.findIndex((at) => at >= ms)] as number;
    expect(gapAt(22_000)).toBeLessThan(gaps[0] as number);
    expect(gapAt(22_000)).toBeLessThan(1_000);
  });

  it('comes when the expected unnoticed time has reached the price', () => {
    for (const last of [0, 12_000, 20_000, 30_000]) {
      const at = nextLookAtMs(last, 45, estimate);
      expect(expectedUnnoticedMs(last, at, estimate)).toBeGreaterThan(40);
      expect(expectedUnnoticedMs(last, at, estimate)).toBeLessThan(60);
    }
  });

  it('polls a job that is slower than ever seen at a share of its age', () => {
    const times = looks(45).filter((at) => at > 60_000);
    expect(times.length).toBeLessThan(60);
    for (const [index, at] of times.slice(1).entries()) expect(at - (times[index] as number)).toBeLessThan(at * 0.26);
  });

  it('is bounded only by the age for jobs with a tiny spread', () => {
    const exact = { medianMs: 300, sigma: 0.02, count: 60 };
    const first = nextLookAtMs(0, 1, exact);
    expect(first).toBeGreaterThan(280);
    expect(first).toBeLessThan(310);
    expect(nextLookAtMs(100_000, 1, exact)).toBeLessThanOrEqual(126_000);
  });
});
