import { economyImages } from '@holodeck/conformance';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPostcardHarness } from '../examples/postcard-harness.ts';
import { runSuite } from './run-suite.ts';

describe('describeImageBackend', () => {
  it('runs only what is free or indispensable in economy', async () => {
    let images = 0;
    const createHarness = async () => {
      const harness = await createPostcardHarness();
      const { dispose } = harness;
      return {
        ...harness,
        async dispose() {
          images += await harness.submissions();
          await dispose();
        },
      };
    };
    const { report, failed } = await runSuite({ createHarness, options: { economy: true } });
    expect(failed).toEqual([]);
    expect(report.testsWith('postcard', 'passed').length).toBeGreaterThan(15);
    expect(report.result('postcard', 'driver: makes a batch in its order')).toMatchObject({ status: 'skipped' });
    expect(images).toBe(economyImages);
  });

  it('skips with the reason of the harness what it cannot provoke', async () => {
    const { report, failed } = await runSuite({
      topics: ['faults'],
      only: 'a job that fails',
      async createHarness() {
        const harness = await createPostcardHarness();
        return { ...harness, faults: { ...harness.faults, 'fail-job': 'jobs never fail here' } };
      },
    });
    expect(failed).toEqual([]);
    const test = 'faults: a job that fails: failed, and nothing else';
    expect(report.result('postcard', test)).toEqual({ status: 'skipped', reason: 'jobs never fail here' });
    expect(report.toText()).toContain('skip: jobs never fail here');
  });

  it('lets an expected failure fail, and fails when it passes', async () => {
    const reason = 'known';
    const passes = 'probe: reports a healthy server as ready, without a submission';
    const fails = 'faults: a job that fails: failed, and nothing else';
    const { report, failed } = await runSuite({
      topics: ['probe', 'faults', ''],
      options: { expectedFailures: [passes, fails, 'no such assertion'].map((test) => ({ test, reason })) },
      async createHarness() {
        const harness = await createPostcardHarness();
        // Nothing goes wrong, so the assertion that something must fails.
        return { ...harness, faults: { ...harness.faults, 'fail-job': () => undefined } };
      },
    });
    expect(report.result('postcard', fails)).toEqual({ status: 'expected-failure', reason });
    expect(failed).toEqual([passes, ': expects failures only of assertions that exist']);
  });

  it('prints a table with every assertion, also those that did not run', async () => {
    const { report } = await runSuite({ createHarness: createPostcardHarness, topics: ['identity'] });
    const folder = await mkdtemp(join(tmpdir(), 'holodeck-report-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await report.write(join(folder, 'deep', 'conformance.md'));
    const table = await readFile(join(folder, 'deep', 'conformance.md'), 'utf8');
    expect(table).toContain('| assertion | postcard |');
    expect(table).toContain('| identity: sends nothing before its first call | pass |');
    expect(table).toContain('| driver: makes a batch in its order | - |');
    expect(table).toMatch(/postcard: 6 passed, 0 failed, 0 skipped with a reason, 0 expected failures, \d+ not run/);
  });
});
