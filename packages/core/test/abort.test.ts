import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ImageClient } from '../src/index.ts';
import { systemClock } from '../src/backend.ts';
import { createMemoryPermits } from '../src/stores/index.ts';
import type { GenerationResult, ImageError } from '../src/index.ts';
import { fault, refusal, ScriptedBackend } from './support/scripted-backend.ts';
import { failureOf, rows, start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();

describe('abort', () => {
  it('before the wire: nothing is sent', async () => {
    const { client, backend } = start();
    const result = await client.generate({ prompt: 'a cat' }, { signal: AbortSignal.abort() });
    expect(failureOf(result)).toMatchObject({ kind: 'aborted', outcome: 'not-submitted' });
    expect(backend.submissions).toBe(0);
  });

  it('during the submission: the answer is awaited and the job kept', async () => {
    const answer = Promise.withResolvers<void>();
    const sent = Promise.withResolvers<void>();
    const controller = new AbortController();
    const { client, backend } = start({
      submit: [
        async (context) => {
          sent.resolve();
          await answer.promise;
          return backend.handle(context.key);
        },
      ],
    });
    const pending = client.generate({ prompt: 'a cat' }, { signal: controller.signal });
    await sent.promise;
    controller.abort();
    answer.resolve();
    const error = failureOf(await pending);
    expect(error).toMatchObject({ kind: 'aborted', outcome: 'accepted' });
    expect(await rows()).toMatchObject([{ state: 'accepted', owner: null, handle: { jobId: error.handle?.jobId } }]);
  });

  it('while the request is being prepared: nothing is sent', async () => {
    const preparing = Promise.withResolvers<void>();
    const prepared = Promise.withResolvers<void>();
    const controller = new AbortController();
    let sent = 0;
    const { client } = start({
      submit: [
        {
          prepare: async (context) => {
            preparing.resolve();
            await prepared.promise;
            await context.beforeSend?.();
            sent += 1;
            throw fault({ outcome: 'unknown' });
          },
        },
      ],
    });
    const pending = client.generate({ prompt: 'a cat' }, { signal: controller.signal });
    await preparing.promise;
    controller.abort();
    prepared.resolve();
    expect(failureOf(await pending)).toMatchObject({ kind: 'aborted', outcome: 'not-submitted' });
    expect(sent).toBe(0);
    expect(await rows()).toEqual([]);
  });

  it('during the submission of a provider that draws while it answers: waited for if the caller says so', async () => {
    let tasks = 0;
    const stopped = async (
      stop: (controller: AbortController, client: ImageClient) => unknown,
    ): Promise<{ readonly cutShort: boolean; readonly outcome: string }> => {
      const answer = Promise.withResolvers<void>();
      const sent = Promise.withResolvers<AbortSignal>();
      const controller = new AbortController();
      const { client, backend } = start({
        capabilities: { submitAbortGraceMs: 0 },
        submit: [
          async (context) => {
            sent.resolve(context.signal);
            await answer.promise;
            if (context.signal.aborted) throw fault({ kind: 'aborted', outcome: 'unknown', retryable: false });
            return backend.handle(context.key);
          },
        ],
      });
      const pending = client.generate({ prompt: `cat ${(tasks += 1)}` }, { signal: controller.signal });
      const signal = await sent.promise;
      const isOver = stop(controller, client);
      answer.resolve();
      const { outcome } = failureOf(await pending);
      await isOver;
      return { cutShort: signal.aborted, outcome };
    };
    const [cut, drained] = [
      { cutShort: true, outcome: 'unknown' },
      { cutShort: false, outcome: 'accepted' },
    ];
    expect(await stopped((controller) => controller.abort())).toEqual(cut);
    expect(await stopped((_controller, client) => client.close())).toEqual(cut);
    expect(await stopped((controller) => controller.abort({ drain: true }))).toEqual(drained);
    expect(await stopped((_controller, client) => client.close({ drain: true }))).toEqual(drained);
  });

  it('without a turn within queueTimeoutMs: nothing is sent', async () => {
    const permits = createMemoryPermits();
    const busy = start({ collect: ['never-ends'] }, { permits, maxConcurrent: 1 });
    const collecting = busy.backend.nextCollect;
    const controller = new AbortController();
    const pending = busy.client.generate({ prompt: 'a cat' }, { signal: controller.signal });
    await collecting;
    const late = start({}, { permits, maxConcurrent: 1, queueTimeoutMs: 1 });
    const error = failureOf(await late.client.generate({ prompt: 'a dog' }));
    expect(error).toMatchObject({ kind: 'timeout', outcome: 'not-submitted', retryable: true });
    expect(late.backend.submissions).toBe(0);
    controller.abort();
    await pending;
  });

  it('after the acceptance: the job stays resumable, its slot stays taken', async () => {
    const controller = new AbortController();
    const { client, backend } = start({ collect: ['never-ends', 'never-ends'] });
    const collecting = backend.nextCollect;
    const pending = client.generate({ prompt: 'a cat' }, { signal: controller.signal });
    await collecting;
    controller.abort();
    expect(failureOf(await pending)).toMatchObject({ kind: 'aborted', outcome: 'accepted' });
    expect(client.stats().lanes[0]?.inFlight).toBe(1);
    expect(await client.generate({ prompt: 'a cat' })).toMatchObject({ success: true, source: 'resumed' });
    expect(backend.submissions).toBe(1);
    expect(client.stats().lanes[0]?.inFlight).toBe(0);
  });

  it('cancels the job where the backend can', async () => {
    const controller = new AbortController();
    const { client, backend } = start({ collect: ['never-ends'], cancellable: true });
    const collecting = backend.nextCollect;
    const pending = client.generate({ prompt: 'a cat' }, { signal: controller.signal });
    await collecting;
    controller.abort();
    expect(failureOf(await pending)).toMatchObject({ kind: 'aborted', outcome: 'failed' });
    expect(backend.cancelled).toBe(1);
    expect(await rows()).toMatchObject([{ state: 'cancelled' }]);
  });

  it('keeps it there too where the reason says so', async () => {
    const controller = new AbortController();
    const { client, backend } = start({ collect: ['never-ends'], cancellable: true });
    const collecting = backend.nextCollect;
    const pending = client.generate({ prompt: 'a cat' }, { signal: controller.signal });
    await collecting;
    controller.abort(Object.assign(new DOMException('Restarting.', 'AbortError'), { keep: true }));
    expect(failureOf(await pending)).toMatchObject({ kind: 'aborted', outcome: 'accepted' });
    expect(backend.cancelled).toBe(0);
    expect(await rows()).toMatchObject([{ state: 'accepted', owner: null }]);
  });

  it('closing leaves the job to the next client, and cancels it where nothing remembers it', async () => {
    const { client, backend } = start({ collect: ['never-ends'], cancellable: true });
    const collecting = backend.nextCollect;
    const pending = client.generate({ prompt: 'a cat' });
    await collecting;
    await client.close();
    expect(failureOf(await pending)).toMatchObject({ kind: 'aborted', outcome: 'accepted' });
    expect(backend.cancelled).toBe(0);
    const next = start();
    expect(await Array.fromAsync(next.client.resume())).toMatchObject([{ success: true, source: 'resumed' }]);
    expect(next.backend.submissions).toBe(0);

    const forgetful = new ScriptedBackend({ collect: ['never-ends'], cancellable: true });
    const inMemory = new ImageClient(forgetful);
    const collectingInMemory = forgetful.nextCollect;
    const lost = inMemory.generate({ prompt: 'a cat' });
    await collectingInMemory;
    await inMemory.close();
    expect(failureOf(await lost)).toMatchObject({ kind: 'aborted', outcome: 'failed' });
    expect(forgetful.cancelled).toBe(1);
  });
});

describe('a deadline during the submission to a provider that draws while it answers', () => {
  const timeoutMs = 123_456;
  const graceMs = 5000;

  /** Runs a task up to the deadline, which passes while the submission is on the wire. */
  async function late(): Promise<{
    readonly result: Promise<GenerationResult>;
    readonly submission: AbortSignal;
    readonly answer: (error?: ImageError) => void;
    readonly endGrace: () => void;
    readonly stop: () => void;
  }> {
    const sleeps = new Map([timeoutMs, graceMs].map((ms) => [ms, Promise.withResolvers<void>()]));
    const clock = {
      ...systemClock,
      sleep: (ms: number, signal?: AbortSignal) => sleeps.get(ms)?.promise ?? systemClock.sleep(ms, signal),
    };
    const sent = Promise.withResolvers<AbortSignal>();
    const answer = Promise.withResolvers<ImageError | undefined>();
    const { client, backend } = start(
      {
        capabilities: { submitAbortGraceMs: 0 },
        submit: [
          async (context) => {
            sent.resolve(context.signal);
            const cut = once(context.signal, 'abort').then(() => fault({ kind: 'timeout', outcome: 'unknown' }));
            const error = await Promise.race([answer.promise, cut]);
            if (error !== undefined) throw error;
            return backend.handle(context.key);
          },
        ],
      },
      { timeoutMs, internal: { clock } },
    );
    const controller = new AbortController();
    const result = client.generate({ prompt: 'a cat' }, { signal: controller.signal });
    const submission = await sent.promise;
    sleeps.get(timeoutMs)?.resolve();
    await nextTurn();
    return {
      result,
      submission,
      answer: answer.resolve,
      endGrace: () => sleeps.get(graceMs)?.resolve(),
      stop: () => controller.abort(),
    };
  }

  it('still hears that it was refused', async () => {
    const { result, answer } = await late();
    answer(refusal('rate-limit'));
    expect(failureOf(await result)).toMatchObject({ kind: 'rate-limit', outcome: 'rejected' });
    expect(await rows()).toMatchObject([{ state: 'rejected', owner: null }]);
  });

  it('still hears that it was taken, and the job is kept', async () => {
    const { result, answer } = await late();
    answer();
    expect(failureOf(await result)).toMatchObject({ kind: 'timeout', outcome: 'accepted' });
    expect(await rows()).toMatchObject([{ state: 'accepted', owner: null }]);
  });

  it('hears for a while only', async () => {
    const { result, submission, endGrace } = await late();
    expect(submission.aborted).toBe(false);
    endGrace();
    expect(failureOf(await result)).toMatchObject({ kind: 'timeout', outcome: 'unknown' });
  });

  it('ends at once when the caller stops as well', async () => {
    const { result, submission, stop } = await late();
    stop();
    expect(submission.aborted).toBe(true);
    expect(failureOf(await result)).toMatchObject({ outcome: 'unknown' });
  });
});
