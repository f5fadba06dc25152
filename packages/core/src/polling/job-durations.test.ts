import { expect, it } from 'vitest';
import { nextLookAtMs } from './completion-model.ts';
import { JobDurations } from './job-durations.ts';

/** Lets a job of that length run, looked at as a lane does when it knows something; returns when its end is noticed. */
function run(durations: JobDurations, jobMs: number): number {
  let lookAtMs = 0;
  for (let looks = 1; ; looks += 1) {
    const before = lookAtMs;
    const known = durations.estimate('kind');
    lookAtMs = known === undefined ? Math.max(before * 1.15, before + 50) : nextLookAtMs(before, 40, known);
    if (lookAtMs < jobMs) continue;
    if (looks === 1) durations.recordFirstLook('kind', lookAtMs);
    else durations.record('kind', (before + lookAtMs) / 2);
    return lookAtMs;
  }
}

it('learns how long jobs take', () => {
  const durations = new JobDurations();
  for (let job = 0; job < 20; job += 1) run(durations, 10_000 * (1 + 0.2 * Math.sin(job)));
  const { medianMs, sigma } = durations.estimate('kind') ?? { medianMs: 0, sigma: 0 };
  expect(medianMs).toBeGreaterThan(9000);
  expect(medianMs).toBeLessThan(11_000);
  expect(sigma).toBeLessThan(0.3);
});

it('notices at once that jobs have become much shorter', () => {
  const durations = new JobDurations();
  for (let job = 0; job < 64; job += 1) durations.record('kind', 60_000);
  const noticedAtMs = Array.from({ length: 12 }, () => run(durations, 5000));
  expect(noticedAtMs[0]).toBeGreaterThan(40_000);
  expect(Math.max(...noticedAtMs.slice(4))).toBeLessThan(6500);
});

it('does not forget because of single jobs that ended early', () => {
  const durations = new JobDurations();
  for (let job = 0; job < 30; job += 1) durations.record('kind', 10_000);
  for (let job = 0; job < 10; job += 1) {
    durations.recordFirstLook('kind', 8000);
    durations.recordFirstLook('kind', 8000);
    durations.record('kind', 10_000);
  }
  expect(durations.estimate('kind')?.count).toBe(60);
});
