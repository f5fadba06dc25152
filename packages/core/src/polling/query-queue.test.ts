import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ManualClock } from '../../test/stores/manual-clock.ts';
import { createMemoryPermits } from '../stores/memory/memory-permits.ts';
import { QueryQueue } from './query-queue.ts';

const never = new AbortController().signal;

it('grants turns at the rate, the most urgent first, and forgets callers that have left', async () => {
  const clock = new ManualClock();
  const permits = createMemoryPermits({ internal: { clock } });
  const queue = new QueryQueue({ lane: 'lane', perSecond: 20, permits, clock });
  const granted: string[] = [];
  const abort = new AbortController();
  const enter = (name: string, urgency: number, signal = never): Promise<void> =>
    queue.enter(signal, () => urgency).then(() => void granted.push(name));
  const turns = [enter('first', 1)];
  await setImmediate();
  turns.push(enter('calm', 1), enter('pressing', 9), enter('urgent', 5));
  const left = enter('left', 7, abort.signal);
  abort.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  await clock.advance(60, 10);
  expect(granted).toEqual(['first', 'pressing']);
  await clock.advance(100, 10);
  await Promise.all(turns);
  expect(granted).toEqual(['first', 'pressing', 'urgent', 'calm']);
});

it('does not wait without a known rate', async () => {
  const clock = new ManualClock();
  const permits = createMemoryPermits({ internal: { clock } });
  const queue = new QueryQueue({ lane: 'lane', perSecond: undefined, permits, clock });
  await Promise.all(Array.from({ length: 50 }, () => queue.enter(never, () => 1)));
  expect(clock.monotonic()).toBe(1_700_000_000_000);
});

it('polls paid jobs slowly while the permit store cannot be reached, and at the rate again later', async () => {
  const clock = new ManualClock();
  const permits = createMemoryPermits({ internal: { clock } });
  let asked = 0;
  let isBroken = true;
  const broken = {
    ...permits,
    reserveRate: (...given: Parameters<typeof permits.reserveRate>) => {
      asked += 1;
      return isBroken ? Promise.reject(new Error('the server is away')) : permits.reserveRate(...given);
    },
  };
  const queue = new QueryQueue({ lane: 'lane', perSecond: 20, permits: broken, clock });
  const granted: number[] = [];
  const startedAtMs = clock.monotonic();
  const enter = (): Promise<void> =>
    queue.enter(never, () => 1).then(() => void granted.push(clock.monotonic() - startedAtMs));
  const turns = [enter(), enter(), enter()];
  await setImmediate();
  await clock.advance(3000, 100);
  await Promise.all(turns);
  expect(granted).toEqual([1000, 2000, 3000]);
  expect(asked).toBe(1);
  isBroken = false;
  await clock.advance(10_000, 1000);
  await enter();
  expect(asked).toBe(2);
  expect(granted.at(-1)).toBe(13_000);
});
