import { describe, expect, it } from 'vitest';
import { StandingClock } from '../../../test/support/standing-clock.ts';
import { until } from '../../../test/support/until.ts';
import { ImageError } from '../src/index.ts';
import type { GenerationResult } from '../src/index.ts';
import { fault, refusal } from './support/scripted-backend.ts';
import { failureOf, start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();

describe('refusals and faults before acceptance', () => {
  it('uses up no attempt for refusals', async () => {
    const { client, backend } = start({
      submit: [refusal(), refusal('rate-limit'), refusal('unavailable'), refusal(), refusal()],
    });
    const result = await client.generate({ prompt: 'a cat' });
    expect(result).toMatchObject({ success: true, attempts: 1, paidAttempts: 1 });
    expect(backend.submissions).toBe(6);
    expect(client.stats().lanes[0]?.refusals).toBe(5);
  });

  it('does not repeat the refusal of a service that has ended', async () => {
    const { client, backend } = start({ submit: [fault({ outcome: 'rejected', retryable: false })] });
    expect(failureOf(await client.generate({ prompt: 'a cat' }))).toMatchObject({
      kind: 'unavailable',
      outcome: 'rejected',
    });
    expect(backend.submissions).toBe(1);
  });

  it('ends with the refusal when the deadline passes', async () => {
    const clock = new StandingClock();
    const refusals = Array.from({ length: 10_000 }, () => refusal());
    const { client, backend } = start({ submit: refusals }, { timeoutMs: 60_000, internal: { clock } });
    let result: GenerationResult | undefined;
    void client.generate({ prompt: 'a cat' }).then((ended) => (result = ended));
    await until(() => {
      if (backend.submissions > 0) clock.advance(1000);
      return result !== undefined;
    });
    const error = failureOf(result as GenerationResult);
    expect(error).toMatchObject({ kind: 'concurrency-limit', outcome: 'rejected' });
    expect(error.message).toContain('nothing was paid');
  });

  it('tries what never left three times, then gives up', async () => {
    const { client, backend } = start({ submit: [fault({}), fault({}), fault({}), fault({})] });
    expect(failureOf(await client.generate({ prompt: 'a cat' }))).toMatchObject({
      kind: 'unavailable',
      outcome: 'not-submitted',
    });
    expect(backend.submissions).toBe(3);
  });

  it('succeeds when the second try leaves', async () => {
    const { client, backend } = start({ submit: [fault({})] });
    expect(await client.generate({ prompt: 'a cat' })).toMatchObject({ success: true, attempts: 2, paidAttempts: 1 });
    expect(backend.submissions).toBe(2);
  });

  it('never exceeds the limit and fails no task by a refusal, with a slot tail', async () => {
    const { client, backend } = start({ limit: 1, jobMs: 3, slotTailMs: 12 });
    const tasks = Array.from({ length: 40 }, (_, index) => ({ prompt: 'a cat', taskId: `t${index}` }));
    const results = await client.generateBatch(tasks);
    expect(results.every(({ success }) => success)).toBe(true);
    expect(backend).toMatchObject({ accepted: 40, maxRunning: 1 });
  });

  it('keeps "auto" to the default where the server queues whatever comes, for then nothing shows a limit', async () => {
    const lane = { id: 'scripted/server', label: 'server', defaultMaxConcurrent: 2 };
    const { client, backend } = start(
      { jobMs: 10, lane, capabilities: { limitSignal: 'none' } },
      { maxConcurrent: 'auto' },
    );
    const tasks = Array.from({ length: 12 }, (_, index) => ({ prompt: 'a cat', taskId: `t${index}` }));
    const results = await client.generateBatch(tasks);
    expect(results.every(({ success }) => success)).toBe(true);
    expect(backend.refusals).toBe(0);
    expect(backend.maxRunning).toBeLessThanOrEqual(2);
    expect(client.stats().lanes[0]?.limit).toBe(2);
  });

  it('asks the cost gate before each submission and sends nothing when it says no', async () => {
    const { client, backend } = start(
      {},
      {
        beforeSubmit: () => {
          throw new ImageError({ kind: 'budget', outcome: 'not-submitted', message: 'Too dear.' });
        },
      },
    );
    expect(failureOf(await client.generate({ prompt: 'a cat' }))).toMatchObject({
      kind: 'budget',
      outcome: 'not-submitted',
    });
    expect(backend.submissions).toBe(0);
  });
});
