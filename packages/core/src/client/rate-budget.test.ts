import { describe, expect, it } from 'vitest';
import { RateBudget } from './rate-budget.ts';

describe('what an account may still send', () => {
  it('is not limited before the provider told anything', () => {
    const budget = new RateBudget();
    for (let sent = 0; sent < 100; sent += 1) budget.take(0, 10);
    expect([budget.waitMs(0, 10), budget.perMinute]).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  it('is what was told, less what was sent since that submission', () => {
    const budget = new RateBudget();
    const first = budget.take(0, 1);
    budget.take(0, 1);
    budget.take(0, 1);
    budget.learn(1000, { unit: 'images', perMinute: 5, remaining: 4, resetMs: 30_000 }, first);
    expect(budget.perMinute).toBe(5);
    expect(budget.waitMs(1000, 2)).toBe(0);
    budget.take(1000, 2);
    // Nothing is left: the reset, and then the time in which one image's worth flows back.
    expect(budget.waitMs(1000, 1)).toBe(30_000 + 12_000);
  });

  it('flows back at the rate after the reset, up to the whole', () => {
    const budget = new RateBudget();
    const mark = budget.take(0, 1);
    budget.learn(0, { unit: 'images', perMinute: 6, remaining: 0, resetMs: 5000 }, mark);
    expect(budget.waitMs(15_000, 1)).toBe(0);
    budget.take(15_000, 1);
    expect(budget.waitMs(15_000, 1)).toBe(10_000);
    expect(budget.waitMs(10 * 60_000, 6)).toBe(0);
    budget.take(10 * 60_000, 6);
    expect(budget.waitMs(10 * 60_000, 1)).toBe(10_000);
  });

  it('is bounded by every rate that was told, each in its own unit', () => {
    const budget = new RateBudget();
    const mark = budget.take(0, 4);
    budget.learn(0, { unit: 'requests', perMinute: 60, remaining: 59, resetMs: 1000 }, mark);
    budget.learn(0, { unit: 'images', perMinute: 10, remaining: 6, resetMs: 24_000 }, mark);
    expect(budget.perMinute).toBe(10);
    expect(budget.waitMs(0, 6)).toBe(0);
    expect(budget.waitMs(0, 7)).toBe(24_000 + 6000);
  });

  it('lets a submission of more images than a whole minute allows be tried when the bucket is full', () => {
    const budget = new RateBudget();
    const mark = budget.take(0, 1);
    budget.learn(0, { unit: 'images', perMinute: 5, remaining: 5, resetMs: 0 }, mark);
    expect(budget.waitMs(0, 10)).toBe(0);
  });
});
