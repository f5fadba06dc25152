import { describe, expect, it } from 'vitest';
import type { ImageError, TaskEvent } from '../src/index.ts';
import { fault } from './support/scripted-backend.ts';
import { failureOf, rows, start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();

describe('an answer that is lost', () => {
  const lostAnswer = (): ImageError => fault({ outcome: 'unknown' });

  it('holds its place, and waiting tasks are notified', async () => {
    const { client, backend } = start({ submit: [lostAnswer()] });
    const stop = new AbortController();
    const waits: TaskEvent[] = [];
    const onProgress = (event: TaskEvent): void => {
      if (event.type === 'waiting') waits.push(event);
      if (event.type === 'waiting') stop.abort();
    };
    const first = client.generate({ prompt: 'a cat' });
    const second = client.generate({ prompt: 'a dog' }, { signal: stop.signal, onProgress });
    expect(failureOf(await first).outcome).toBe('unknown');
    expect(failureOf(await second)).toMatchObject({ kind: 'aborted', outcome: 'not-submitted' });
    expect(waits).toMatchObject([{ type: 'waiting', reason: expect.stringContaining('unknown outcome') as string }]);
    expect(backend.submissions).toBe(1);
    // A later one is notified too.
    const later = await new Promise<TaskEvent>((resolve) => {
      void client.generate(
        { prompt: 'a bird' },
        { onProgress: (event) => (event.type === 'waiting' ? resolve(event) : undefined) },
      );
    });
    expect(later).toMatchObject({ type: 'waiting' });
  });

  it('is not sent again, ends as unknown, and stays so when the command is run again', async () => {
    const { client, backend } = start({ submit: [lostAnswer()] });
    const error = failureOf(await client.generate({ prompt: 'a cat' }));
    expect(error.outcome).toBe('unknown');
    expect(backend.submissions).toBe(1);
    expect(await rows()).toMatchObject([{ state: 'unknown' }]);
    const again = failureOf(await client.generate({ prompt: 'a cat' }));
    expect(again.outcome).toBe('unknown');
    expect(backend.submissions).toBe(1);
  });

  it('is sent once more on resubmitUnknown', async () => {
    const first = start({ submit: [lostAnswer()] });
    await first.client.generate({ prompt: 'a cat' });
    await first.client.close();
    const second = start({}, { resubmitUnknown: true });
    expect(await second.client.generate({ prompt: 'a cat' })).toMatchObject({ success: true });
    expect(second.backend.submissions).toBe(1);
  });

  it('that counts as paid is paid again with a word, or not at all', async () => {
    const cat = { prompt: 'a cat', size: '64x64' } as const;
    const lost = fault({ kind: 'bad-response', outcome: 'lost', retryable: false });
    const first = start({ submit: [lost] });
    await first.client.generate(cat);
    await first.client.close();
    const careful = start({}, { noRepay: true });
    expect(await careful.client.plan(cat)).toMatchObject({
      action: 'refuse',
      error: { outcome: 'lost' },
    });
    expect(failureOf(await careful.client.generate(cat))).toMatchObject({
      outcome: 'lost',
      messageId: 'core.not-paid-again',
    });
    expect(careful.backend.submissions).toBe(0);
    // One that was refused for load in between does not make it forgotten.
    const second = start({ submit: [fault({ kind: 'content-policy', outcome: 'rejected', retryable: false })] });
    expect(failureOf(await second.client.generate(cat))).toMatchObject({ outcome: 'rejected' });
    const events: TaskEvent[] = [];
    const third = start();
    const result = await third.client.generate(cat, { onProgress: (event) => events.push(event) });
    expect(result).toMatchObject({ success: true, warnings: [{ code: 'paid-again', messageId: 'core.paid-again' }] });
    expect(events.filter(({ type }) => type === 'warning')).toMatchObject([{ warning: { code: 'paid-again' } }]);
    expect(await start().client.generate({ ...cat, seed: 9 })).toMatchObject({ warnings: [] });
  });

  it('is adopted where the provider says that it arrived', async () => {
    const { client, backend } = start({ submit: [lostAnswer()], located: 'found' });
    expect(await client.generate({ prompt: 'a cat' })).toMatchObject({ success: true, paidAttempts: 1 });
    expect(backend.submissions).toBe(1);
  });

  it('is sent again under a new key where the provider says that it did not arrive', async () => {
    const { client, backend } = start({ submit: [lostAnswer()], located: 'absent' });
    expect(await client.generate({ prompt: 'a cat' })).toMatchObject({ success: true, paidAttempts: 1 });
    expect(backend.submissions).toBe(2);
    expect(new Set(backend.keys).size).toBe(2);
  });
});
