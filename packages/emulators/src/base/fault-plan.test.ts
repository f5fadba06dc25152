import { describe, expect, it } from 'vitest';
import { commonFaultKinds } from './fault.ts';
import type { FaultInput } from './fault.ts';
import { FaultPlan } from './fault-plan.ts';

function planOf(...faults: FaultInput[]): FaultPlan {
  const plan = new FaultPlan({ kinds: commonFaultKinds, operations: ['submit', 'query'], seed: 7 });
  plan.set(faults);
  return plan;
}

function kinds(plan: FaultPlan, operation: string, count: number): (string | undefined)[] {
  return Array.from({ length: count }, () => plan.take(operation)?.kind);
}

describe('FaultPlan', () => {
  it('strikes the nth matching request of an operation', () => {
    const plan = planOf({ kind: 'stall', operation: 'submit', nth: [2, 4] });
    expect(kinds(plan, 'query', 4)).toEqual([undefined, undefined, undefined, undefined]);
    expect(kinds(plan, 'submit', 5)).toEqual([undefined, 'stall', undefined, 'stall', undefined]);
  });

  it('strikes every matching request, or so many times', () => {
    expect(kinds(planOf({ kind: 'refuse' }), 'query', 2)).toEqual(['refuse', 'refuse']);
    expect(kinds(planOf({ kind: 'refuse', times: 1 }), 'query', 2)).toEqual(['refuse', undefined]);
  });

  it('strikes by rate, the same each time', () => {
    const plan = planOf({ kind: 'drip', rate: 0.25 });
    const first = kinds(plan, 'submit', 400);
    const struck = first.filter((kind) => kind === 'drip').length;
    expect(struck).toBeGreaterThan(60);
    expect(struck).toBeLessThan(140);
    plan.set([{ kind: 'drip', rate: 0.25 }]);
    expect(kinds(plan, 'submit', 400)).toEqual(first);
  });

  it('follows a script and then lets all pass', () => {
    const plan = planOf({ operation: 'query', script: ['pass', { kind: 'truncate' }, 'pass', { kind: 'drip' }] });
    expect(kinds(plan, 'query', 6)).toEqual([undefined, 'truncate', undefined, 'drip', undefined, undefined]);
  });

  it('looks into the text, and lets the first rule win', () => {
    const plan = planOf({ kind: 'lose-job', match: 'lamp' }, { kind: 'stall' });
    expect(plan.take('submit', 'a brass lamp')?.kind).toBe('lose-job');
    expect(plan.take('submit', 'a shelf')?.kind).toBe('stall');
  });

  it.each([
    ['no array', 'faults must be an array'],
    [[{ kind: 'explode' }], 'faults[0].kind must be one of refuse'],
    [[{ kind: 'stall', operation: 'paint' }], 'faults[0].operation must be one of submit, query'],
    [[{ kind: 'stall', nth: 0 }], 'faults[0].nth counts from 1'],
    [[{ kind: 'stall', rate: 2 }], 'faults[0].rate is 0 to 1'],
    [[{ kind: 'stall', times: 0 }], 'faults[0].times must be at least 1'],
    [[{ kind: 'stall', delay: 3 }], 'faults[0] has no field delay'],
    [[{ kind: 'stall', delayMs: '3' }], 'faults[0].delayMs must be a number'],
    [[{ script: ['pass', 'fail'] }], "faults[0].script[1] must be 'pass' or an object"],
    [[{ script: 'pass' }], 'faults[0].script must be an array'],
  ])('refuses %j', (faults, message) => {
    expect(() => planOf().setUnknown(faults)).toThrow(message);
  });
});
