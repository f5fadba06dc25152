import { describe, expect, it } from 'vitest';
import { RateBudget } from './rate-budget.ts';

describe('what an account may still send', () => {
  it('is not limited before the first report', () => {
    const budget = new RateBudget();
    for (let sent = 0; sent < 100; sent += 1) budget.take(0, 10);
    expect([budget.waitMs(0, 10), budget.perMinute]).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  it('is the rate minus what was sent in the last minute, answered or not', () => {
    const budget = new RateBudget();
    const first = budget.take(0, 1);
    budget.take(0, 1);
    budget.take(10_000, 1);
    budget.learn(20_000, { unit: 'images', perMinute: 5, remaining: 4, resetMs: 40_000 }, first);
    expect(budget.perMinute).toBe(5);
    expect(budget.waitMs(20_000, 2)).toBe(0);
    budget.take(20_000, 2);
    // The first two come back a minute after they were sent, with half a second for the way; then the third.
    expect(budget.waitMs(20_000, 2)).toBe(40_500);
    expect(budget.waitMs(20_000, 3)).toBe(50_500);
    expect(budget.waitMs(60_500, 2)).toBe(0);
  });

  it('sees from what remains that others use the account, until the reset', () => {
    const budget = new RateBudget();
    const mark = budget.take(0, 1);
    budget.learn(1000, { unit: 'images', perMinute: 10, remaining: 3, resetMs: 30_000 }, mark);
    expect(budget.waitMs(1000, 3)).toBe(0);
    expect(budget.waitMs(1000, 4)).toBe(60_500);
    const refused = budget.take(2000, 1);
    budget.learn(2000, { unit: 'images', perMinute: 10, remaining: 0, resetMs: 5000 }, refused);
    expect(budget.waitMs(2000, 1)).toBe(5000);
    expect(budget.waitMs(7000, 8)).toBe(0);
  });

  it('does not count its own later submissions as those of others', () => {
    const budget = new RateBudget();
    const mark = budget.take(0, 1);
    for (let sent = 0; sent < 4; sent += 1) budget.take(100, 1);
    // A report of the moment of the answer counts the later ones too.
    budget.learn(20_000, { unit: 'images', perMinute: 10, remaining: 5, resetMs: 40_000 }, mark);
    expect(budget.waitMs(20_000, 5)).toBe(0);
    expect(budget.waitMs(20_000, 6)).toBe(40_500);
  });

  it('is bounded by every reported rate, each in its own unit', () => {
    const budget = new RateBudget();
    const mark = budget.take(0, 4);
    budget.learn(0, { unit: 'requests', perMinute: 3, remaining: 2, resetMs: 1000 }, mark);
    budget.learn(0, { unit: 'images', perMinute: 10, remaining: 6, resetMs: 24_000 }, mark);
    expect(budget.perMinute).toBe(3);
    expect([budget.waitMs(0, 6), budget.waitMs(0, 7)]).toEqual([0, 60_500]);
    budget.take(0, 1);
    budget.take(0, 1);
    expect(budget.waitMs(0, 1)).toBe(60_500);
  });

  it('lets a submission of more images than a minute allows be tried alone', () => {
    const budget = new RateBudget();
    const mark = budget.take(0, 1);
    budget.learn(0, { unit: 'images', perMinute: 5, remaining: 4, resetMs: 0 }, mark);
    expect(budget.waitMs(0, 10)).toBe(60_500);
    expect(budget.waitMs(60_500, 10)).toBe(0);
  });
});
