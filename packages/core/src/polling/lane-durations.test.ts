import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLogger } from '../internal/silent-logger.ts';
import { createMemoryPermits } from '../stores/memory/memory-permits.ts';
import { openSqlitePermits } from '../stores/sqlite/sqlite-permits.ts';
import { jobKind, LaneDurations } from './lane-durations.ts';

const large = jobKind('model', { width: 1024, height: 1024 });
const small = jobKind('model', { width: 512, height: 512 });
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holodeck-durations-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** One client's run: it loads what earlier ones measured and stores what it measures. */
async function run(lane: string, measure: (durations: LaneDurations) => void): Promise<void> {
  const permits = await openSqlitePermits({ directory });
  const durations = new LaneDurations({ lane, permits, logger: silentLogger });
  await durations.recall();
  measure(durations);
  await durations.settled();
  await permits.close();
}

it('keeps the durations of each model and size between runs, for each lane', async () => {
  let measured = { medianMs: 0, sigma: 0, count: 0 };
  await run('lane', (durations) => {
    expect(durations.estimate(large)).toBeUndefined();
    for (const durationMs of [14_000, 15_000, 16_500, 15_200]) durations.record(large, durationMs, false);
    durations.record(small, 4000, false);
    measured = durations.estimate(large) ?? measured;
  });
  await run('lane', (durations) => {
    const known = durations.estimate(large);
    expect(known?.medianMs).toBeCloseTo(measured.medianMs, 0);
    expect(known?.sigma).toBeCloseTo(measured.sigma, 3);
    expect(known?.count).toBe(4);
    expect(durations.estimate(small)?.medianMs).toBeCloseTo(4000, 0);
    durations.record(large, 15_000, false);
  });
  await run('lane', (durations) => expect(durations.estimate(large)?.count).toBe(5));
  await run('another lane', (durations) => expect(durations.estimate(large)).toBeUndefined());
});

it('starts without measurements if permits are in memory', async () => {
  const permits = createMemoryPermits();
  const durations = new LaneDurations({ lane: 'lane', permits, logger: silentLogger });
  await durations.recall();
  durations.record(large, 15_000, false);
  await durations.settled();
  expect(durations.estimate(large)?.count).toBe(1);
});
