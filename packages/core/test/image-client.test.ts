import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMemoryStore, ImageClient, ImageError, openStoreForFolder, systemClock } from '../src/index.ts';
import type { GenerationResult, ImageRequest, JobContext, JobHandle, TaskEvent, TaskRow } from '../src/index.ts';
import { fault, refusal, ScriptedBackend } from './support/scripted-backend.ts';
import { clients, outputDir, start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();

async function rows(): Promise<TaskRow[]> {
  const store = await openStoreForFolder(outputDir);
  const all = await Array.fromAsync(store.tasks.list());
  await store.close();
  return all;
}

function failureOf(result: GenerationResult): ImageError {
  if (result.success) throw new Error('The task succeeded.');
  return result.error;
}

describe('a task that goes well', () => {
  it('passes all states in order and ends as a file', async () => {
    const { client, backend } = start();
    const events: TaskEvent[] = [];
    const result = await client.generate(
      { prompt: '雨夜的面馆', outputPath: '图/面馆.png' },
      { onProgress: (event) => events.push(event) },
    );
    expect(result).toMatchObject({
      success: true,
      source: 'generated',
      attempts: 1,
      paidAttempts: 1,
      backend: 'scripted',
    });
    if (!result.success) return;
    expect(result.images).toHaveLength(1);
    expect(result.images[0]).toMatchObject({
      path: join(outputDir, '图', '面馆.png'),
      width: 64,
      height: 64,
      mediaType: 'image/png',
      seed: 7,
    });
    expect(events.flatMap((event) => (event.type === 'state' ? [event.state] : []))).toEqual([
      'queued',
      'submitting',
      'accepted',
      'ended',
      'done',
    ]);
    expect(await readdir(join(outputDir, '图'))).toEqual(['面馆.png']);
    expect(await rows()).toMatchObject([
      { state: 'done', owner: null, outputPath: '图/面馆.png', images: [{ path: '图/面馆.png' }] },
    ]);
    expect(backend.keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('gives bytes where there is no output folder, and keeps no rows', async () => {
    const backend = new ScriptedBackend();
    const store = createMemoryStore();
    const client = new ImageClient(backend, { store });
    clients.push(client);
    const result = await client.generateOrThrow({ prompt: 'a cat' });
    expect(result.images[0].bytes?.byteLength).toBe(result.images[0].byteLength);
    expect(await Array.fromAsync(store.tasks.list())).toEqual([]);
  });

  it('makes two images when the same thing is asked for twice, and none when the command is run again', async () => {
    const first = start();
    const task = { prompt: 'a cat' };
    const made = await first.client.generateBatch([task, task]);
    expect(new Set(made.map(({ taskId }) => taskId)).size).toBe(2);
    expect(first.backend.submissions).toBe(2);
    await first.client.close();
    const second = start();
    const again = await second.client.generateBatch([task, task]);
    expect(again).toMatchObject([
      { success: true, source: 'resumed' },
      { success: true, source: 'resumed' },
    ]);
    expect(second.backend.submissions).toBe(0);
  });

  it('keeps the order of a batch and settles all of it', async () => {
    // Which of them is sent first, the disk decides.
    const refuseB = async (context: JobContext, request: ImageRequest): Promise<JobHandle> => {
      if (request.prompt === 'b') throw fault({ kind: 'content-policy', outcome: 'rejected', retryable: false });
      return backend.handle(context.key);
    };
    const { client, backend } = start({ submit: [refuseB, refuseB, refuseB] });
    const results = await client.generateBatch(['a', 'b', 'c'].map((prompt) => ({ prompt, taskId: prompt })));
    expect(results.map(({ taskId }) => taskId)).toEqual(['a', 'b', 'c']);
    expect(results.map(({ success }) => success)).toEqual([true, false, true]);
  });

  it('streams with bounded memory: it draws only what it can work on', async () => {
    const { client } = start();
    let drawn = 0;
    function* tasks(): Generator<{ prompt: string; taskId: string }> {
      for (; drawn < 200; drawn += 1) yield { prompt: 'x', taskId: `t${drawn}` };
    }
    for await (const result of client.generateStream(tasks())) {
      expect(result.success).toBe(true);
      break;
    }
    expect(drawn).toBeLessThan(60);
  });

  it('fetches a deleted file again by its handle instead of paying twice', async () => {
    const first = start();
    const made = await first.client.generateOrThrow({ prompt: 'a cat', outputPath: 'cat.png' });
    await rm(join(outputDir, 'cat.png'));
    const again = await first.client.generateOrThrow({ prompt: 'a cat', outputPath: 'cat.png', taskId: made.taskId });
    expect(again.source).toBe('resumed');
    expect(first.backend.submissions).toBe(1);
    expect(first.backend.collections).toBe(2);
    expect((await readFile(join(outputDir, 'cat.png'))).byteLength).toBe(again.images[0].byteLength);
  });
});

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
    const { client } = start({ submit: Array.from({ length: 10_000 }, () => refusal()) }, { timeoutMs: 300 });
    const error = failureOf(await client.generate({ prompt: 'a cat' }));
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

  it('learns the limit from refusals when more permits are allowed than the account has', async () => {
    const { client, backend } = start({ limit: 2, jobMs: 10 }, { maxConcurrent: 'auto' });
    const tasks = Array.from({ length: 30 }, (_, index) => ({ prompt: 'a cat', taskId: `t${index}` }));
    const results = await client.generateBatch(tasks);
    expect(results.every(({ success }) => success)).toBe(true);
    expect(backend.maxRunning).toBe(2);
    expect(client.stats().lanes[0]?.learnedLimit).toBe(2);
    expect(backend.refusals).toBeLessThan(70);
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
    expect(backend).toMatchObject({ maxRunning: 2, refusals: 0 });
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

describe('an answer that is lost', () => {
  const lostAnswer = (): ImageError => fault({ outcome: 'unknown' });

  it('holds its place, and whoever waits for one is told so', async () => {
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
    expect(waits).toMatchObject([{ type: 'waiting', reason: expect.stringContaining('not known') as string }]);
    expect(backend.submissions).toBe(1);
    // One that comes later is told as well.
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
        async (context) => {
          preparing.resolve();
          await prepared.promise;
          context.beforeSend?.();
          sent += 1;
          throw fault({ outcome: 'unknown' });
        },
      ],
    });
    const pending = client.generate({ prompt: 'a cat' }, { signal: controller.signal });
    await preparing.promise;
    controller.abort();
    prepared.resolve();
    expect(failureOf(await pending)).toMatchObject({ kind: 'aborted', outcome: 'not-submitted' });
    expect(sent).toBe(0);
    expect(await rows()).toMatchObject([{ state: 'rejected', owner: null }]);
  });

  it('during the submission of a provider that draws while it answers: waited for where the reason says so', async () => {
    const stopped = async (reason?: unknown): Promise<{ readonly cutShort: boolean; readonly outcome: string }> => {
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
      const pending = client.generate({ prompt: `a cat ${String(reason)}` }, { signal: controller.signal });
      const signal = await sent.promise;
      controller.abort(reason);
      answer.resolve();
      return { cutShort: signal.aborted, outcome: failureOf(await pending).outcome };
    };
    expect(await stopped()).toEqual({ cutShort: true, outcome: 'unknown' });
    const drain = Object.assign(new DOMException('Enough.', 'AbortError'), { drain: true });
    expect(await stopped(drain)).toEqual({ cutShort: false, outcome: 'accepted' });
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

describe('bad input is refused before anything is sent', () => {
  const cases: [string, object, string, string][] = [
    ['an empty prompt', { prompt: '  ' }, 'invalid-request', 'empty'],
    ['no prompt', {}, 'invalid-request', 'missing'],
    ['a prompt that is too long', { prompt: '字'.repeat(101) }, 'invalid-request', '101 characters'],
    ['a lone surrogate', { prompt: 'a\ud800b' }, 'invalid-request', 'surrogate'],
    ['a size that is none', { prompt: 'a', size: 'big' }, 'invalid-request', 'not a size'],
    ['an impossible size', { prompt: 'a', size: '4096:4096' }, 'invalid-request', 'above 2048'],
    ['a seed out of range', { prompt: 'a', seed: 0 }, 'invalid-request', '1 to 1000'],
    ['a seed that is no number', { prompt: 'a', seed: 1.5 }, 'invalid-request', 'whole number'],
    ['an undeclared negative prompt', { prompt: 'a', negativePrompt: 'b' }, 'unsupported', 'negative prompt'],
    ['an undeclared style', { prompt: 'a', style: 'b' }, 'unsupported', 'style'],
    ['too many images', { prompt: 'a', count: 5 }, 'unsupported', 'at most 4'],
    [
      'undeclared references',
      { prompt: 'a', references: [{ path: '/nowhere.png' }] },
      'unsupported',
      'Reference pictures',
    ],
    ['an unknown field', { prompt: 'a', promt: 'b' }, 'invalid-request', 'promt'],
    ['an empty output path', { prompt: 'a', outputPath: ' ' }, 'invalid-request', 'no path'],
  ];
  it.each(cases)('%s', async (_name, task, kind, text) => {
    const { client, backend } = start();
    const error = failureOf(await client.generate(task as never));
    expect(error).toMatchObject({ kind, outcome: 'not-submitted' });
    expect(error.message).toContain(text);
    expect(backend.submissions).toBe(0);
  });

  it('an unreadable or damaged reference', async () => {
    const references = { roles: ['style' as const], maxCount: 1, mediaTypes: ['image/png'] };
    const { client, backend } = start({ capabilities: { references } });
    const noPicture = join(outputDir, 'no-picture.png');
    await writeFile(noPicture, 'hello');
    const missing = failureOf(
      await client.generate({ prompt: 'a', references: [{ path: join(outputDir, 'missing.png') }] }),
    );
    expect(missing.message).toContain('ENOENT');
    for (const path of ['https://example.org/a.png?sign=secret', 'file:///a.png', 'data:image/png;base64,iVBO']) {
      const address = failureOf(await client.generate({ prompt: 'a', references: [{ path }] }));
      expect(address).toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted' });
      expect(address.message).toContain('Reference 1 is an address (URL)');
      expect(address.message).not.toContain('secret');
    }
    const wrong = failureOf(await client.generate({ prompt: 'a', references: [{ path: noPicture }] }));
    expect(wrong.message).toContain('not a picture');
    expect(backend.submissions).toBe(0);
  });

  it('an output folder that is a file', async () => {
    const file = join(outputDir, 'file');
    await writeFile(file, '');
    const { client, backend } = start({}, { outputDir: file });
    expect(failureOf(await client.generate({ prompt: 'a' }))).toMatchObject({
      kind: 'storage',
      outcome: 'not-submitted',
    });
    expect(backend.submissions).toBe(0);
  });

  it.each([{ maxConcurrent: 0 }, { timeoutMs: -1 }, { timeoutMS: 5 }, { onUnsupported: 'ignore' }])(
    'a bad option %j',
    (options) => {
      expect(() => new ImageClient(new ScriptedBackend(), options as never)).toThrow(ImageError);
    },
  );

  it('drops what is not declared with a warning where that was asked for', async () => {
    const { client } = start({}, { onUnsupported: 'warn' });
    const result = await client.generate({ prompt: 'a', style: 'ink' });
    expect(result.success).toBe(true);
    expect(result.warnings).toMatchObject([{ code: 'unsupported-option', feature: 'style' }]);
  });
});

describe('a backend that is down', () => {
  it('is left alone after eight faults in a row, waited for while the outage is young, and given up when it is old', async () => {
    let now = 0;
    const sleeps: number[] = [];
    // Time passes only by sleeping, so that nothing here depends on how fast the machine is.
    const clock = {
      now: () => now,
      monotonic: () => now,
      sleep: async (ms: number, signal?: AbortSignal) => {
        signal?.throwIfAborted();
        if (ms >= 300_000)
          return new Promise<void>((_resolve, reject) =>
            signal?.addEventListener('abort', () => reject(new Error('stopped'))),
          );
        sleeps.push(ms);
        now += ms;
        await new Promise((resolve) => setImmediate(resolve));
        return undefined;
      },
    };
    const { client, backend } = start(
      { submit: Array.from({ length: 1000 }, () => fault({})) },
      { internal: { clock } },
    );
    const results: GenerationResult[] = [];
    for (let index = 0; index < 20; index += 1)
      results.push(await client.generate({ prompt: 'a cat', taskId: `t${index}` }));
    expect(results.every((result) => !result.success && result.error.outcome === 'not-submitted')).toBe(true);
    expect(results.at(-1)).toMatchObject({ error: { code: 'circuit-open' } });
    expect(sleeps.filter((ms) => ms > 9000).length).toBeGreaterThan(0);
    expect(backend.submissions).toBeLessThan(30);
  });
});
