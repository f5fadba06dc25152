import { ConformanceReport, describeImageBackend, economyImages } from '@holodeck/conformance';
import { afterAll, describe, expect, it } from 'vitest';
import { liveHarnesses } from './support/live-harness.ts';
import { liveService } from './support/live-services.ts';

/** Real jobs take their time, and wait for slots. */
const longestMs = 600_000;
const names = (process.env['HOLODECK_LIVE_BACKENDS'] ?? '').split(',').filter((name) => name !== '');
const report = new ConformanceReport();
const runner = {
  describe,
  expect,
  it: (name: string, body: (...context: readonly unknown[]) => Promise<void>) => it(name, body, longestMs),
};

for (const name of names) {
  const service = liveService(name);
  if (service === undefined) throw new Error(`${name} is not configured: see .env.example.`);
  describeImageBackend({
    name,
    runner,
    createHarness: liveHarnesses(service),
    report,
    economy: !service.isFree,
    expectedFailures: service.expectedFailures ?? [],
    patienceMs: longestMs / 2,
  });
}

if (names.length === 0) {
  it('did not run: start it with "pnpm test:live", which says first what it costs', ({ skip }) => skip());
} else {
  afterAll(() => console.log(`At most ${economyImages} images were made on each paid service.\n\n${report.toText()}`));
}
