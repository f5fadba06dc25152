import { describe, expect, test } from 'vitest';
import type { Clock } from '../internal/clock.ts';
import { createPollPacer } from './poll-pacer.ts';

/** A clock on which a sleep takes no real time. */
function jumpingClock(): Clock & { elapsed(): number } {
  let time = 1000;
  return {
    now: () => time,
    monotonic: () => time,
    elapsed: () => time - 1000,
    sleep(ms, signal) {
      signal?.throwIfAborted();
      time += ms;
      return Promise.resolve();
    },
  };
}

const signal = new AbortController().signal;

/** When the end of a job is noticed, and after how many questions. */
async function notice(jobMs: number, expectedMs?: number): Promise<{ atMs: number; questions: number }> {
  const clock = jumpingClock();
  const nextPoll = createPollPacer({ signal, clock, expectedMs });
  for (let questions = 1; ; questions += 1) {
    await nextPoll();
    if (clock.elapsed() >= jobMs) return { atMs: clock.elapsed(), questions };
  }
}

describe('without knowledge', () => {
  test.each([30, 300, 3_000, 30_000, 300_000])('a job of %i ms is noticed soon by its own measure', async (jobMs) => {
    const { atMs, questions } = await notice(jobMs);
    expect(atMs - jobMs).toBeLessThanOrEqual(Math.max(100, Math.min(5_000, 0.15 * jobMs)));
    expect(questions).toBeLessThan(100);
  });
});

describe('with an expectation', () => {
  test.each([200, 2_000, 20_000])('a job that takes the %i ms it should costs few questions', async (jobMs) => {
    const { atMs, questions } = await notice(jobMs, jobMs);
    expect(questions).toBeLessThanOrEqual(5);
    expect(atMs - jobMs).toBeLessThanOrEqual(Math.max(50, 0.05 * jobMs));
  });

  test('the first question comes at 85 % of it', async () => {
    const clock = jumpingClock();
    await createPollPacer({ signal, clock, expectedMs: 10_000 })();
    expect(clock.elapsed()).toBe(8_500);
  });

  test('a job far beyond it is asked for ever more rarely', async () => {
    const { questions } = await notice(200_000, 2_000);
    expect(questions).toBeLessThan(90);
  });
});

test('an abort ends a wait at once, with its reason', async () => {
  const abort = new AbortController();
  const nextPoll = createPollPacer({ signal: abort.signal, expectedMs: 3_600_000 });
  const waiting = nextPoll();
  abort.abort(new Error('stop'));
  await expect(waiting).rejects.toThrow('stop');
  await expect(nextPoll()).rejects.toThrow('stop');
});
