import type { TaskEvent } from '@holodeck/core';
import { ManualClock, startOpenAIEmulator } from '@holodeck/emulators';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { createOpenAIClient } from '../src/index.ts';
import { testKey } from './support.ts';

it('"auto" sends what the account\'s rate allows, and waits instead of being refused', async () => {
  // The account's minute passes only when the test advances it.
  const clock = new ManualClock();
  const emulator = await startOpenAIEmulator({
    clock,
    apiKey: testKey,
    imagesPerMinute: 12,
    imageMs: (index) => (index < 4 ? 0 : 1000),
  });
  onTestFinished(() => emulator.close());
  const now = (): number => clock.now();
  const client = createOpenAIClient({
    apiKey: testKey,
    baseURL: emulator.baseURL,
    maxConcurrent: 'auto',
    internal: { clock: { now, monotonic: now, sleep: (ms, signal) => clock.sleep(ms, signal) } },
  });
  onTestFinished(() => client.close());
  // Nothing is known of the account's rate: the default.
  expect(client.stats().lanes[0]?.limit).toBe(4);
  const stop = new AbortController();
  let done = 0;
  const onProgress = (event: TaskEvent): void => {
    if (event.type === 'settled' && event.result.success) done += 1;
    // All images of the minute are made, and two tasks wait.
    if (done === 12 && event.type === 'settled') stop.abort();
  };
  const tasks = Array.from({ length: 14 }, (_, index) => ({ prompt: `image ${index}` }));
  const batch = client.generateBatch(tasks, { signal: stop.signal, onProgress });
  await until(() => emulator.ledger.running === 8 && emulator.ledger.accepted === 12);
  clock.advance(1000);
  const results = await batch;
  expect(results.filter(({ success }) => success)).toHaveLength(12);
  expect(results.flatMap((result) => (result.success ? [] : [result.error.outcome]))).toEqual([
    'not-submitted',
    'not-submitted',
  ]);
  expect(emulator.ledger).toMatchObject({ submissions: 12, accepted: 12, refusals: 0 });
  expect(emulator.ledger.maxConcurrent).toBe(8);
  expect(client.stats().lanes[0]?.limit).toBe(12);
});

it('reports why a task waits when the rate is used up', async () => {
  const emulator = await startOpenAIEmulator({ apiKey: testKey, imagesPerMinute: 3, imageMs: 0 });
  onTestFinished(() => emulator.close());
  const client = createOpenAIClient({ apiKey: testKey, baseURL: emulator.baseURL });
  onTestFinished(() => client.close());
  expect(await client.generate({ prompt: 'all of it', count: 3 })).toMatchObject({ success: true });
  const stop = new AbortController();
  const reasons: string[] = [];
  const onProgress = (event: TaskEvent): void => {
    if (event.type !== 'waiting') return;
    reasons.push(event.reason);
    stop.abort();
  };
  const result = await client.generate({ prompt: 'one more' }, { signal: stop.signal, onProgress });
  expect(result).toMatchObject({ success: false, error: { kind: 'aborted', outcome: 'not-submitted' } });
  expect(reasons).toEqual(["the account's rate is used up"]);
  expect(emulator.ledger).toMatchObject({ submissions: 1, refusals: 0 });
});
