import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../src/backend.ts';
import type { ImageError } from '../src/index.ts';
import { fault } from './support/scripted-backend.ts';
import { failureOf, outputDir, start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();

describe('jobs that end badly', () => {
  it('makes a second paid attempt for a passing failure, and no third', async () => {
    const failed = (): ImageError => fault({ kind: 'job-failed', outcome: 'failed' });
    const { client, backend } = start({ collect: [failed(), failed(), failed()] });
    const result = await client.generate({ prompt: 'a cat' });
    expect(failureOf(result)).toMatchObject({ kind: 'job-failed', outcome: 'failed' });
    expect(result.paidAttempts).toBe(2);
    expect(backend.submissions).toBe(2);
  });

  it('does not repeat a content-policy failure', async () => {
    const { client, backend } = start({
      collect: [fault({ kind: 'content-policy', outcome: 'failed', retryable: false })],
    });
    expect(failureOf(await client.generate({ prompt: 'a cat' })).kind).toBe('content-policy');
    expect(backend.submissions).toBe(1);
  });

  it('repeats collect, never submit, for faults of polling and downloads', async () => {
    const { client, backend } = start({
      collect: [fault({ outcome: 'accepted' }), 'damaged', fault({ kind: 'timeout', outcome: 'accepted' })],
    });
    expect(await client.generate({ prompt: 'a cat' })).toMatchObject({ success: true, attempts: 1 });
    expect(backend).toMatchObject({ submissions: 1, collections: 4 });
  });

  it('ends as lost when the picture stays damaged, and leaves no file', async () => {
    const { client, backend } = start({ collect: ['damaged', 'damaged', 'damaged', 'damaged'] });
    expect(failureOf(await client.generate({ prompt: 'a cat' }))).toMatchObject({
      kind: 'bad-response',
      outcome: 'lost',
    });
    expect(backend.submissions).toBe(1);
    expect((await readdir(outputDir)).filter((name) => name !== '.holodeck')).toEqual([]);
  });

  it('keeps a job whose deadline passed and fetches it later at no cost', async () => {
    const timeoutMs = 123_456;
    const accepted = Promise.withResolvers<void>();
    const sleep: typeof systemClock.sleep = (ms, signal) =>
      ms === timeoutMs ? accepted.promise : systemClock.sleep(ms, signal);
    const { client } = start(
      { collect: ['never-ends'] },
      { timeoutMs, internal: { clock: { ...systemClock, sleep } } },
    );
    const result = await client.generate(
      { prompt: 'a cat' },
      { onProgress: (event) => event.type === 'state' && event.state === 'accepted' && accepted.resolve() },
    );
    expect(failureOf(result)).toMatchObject({ kind: 'timeout', outcome: 'accepted' });
    expect(failureOf(result).handle?.jobId).toBe(result.jobId);
    await client.close();
    const next = start();
    const resumed = await Array.fromAsync(next.client.resume());
    expect(resumed).toMatchObject([{ success: true, source: 'resumed', taskId: result.taskId }]);
    expect(next.backend.submissions).toBe(0);
  });
});
