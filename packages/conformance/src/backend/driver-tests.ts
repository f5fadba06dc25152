import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@holodeck/core/backend';
import { openStoreForFolder } from '@holodeck/core/stores';
import type { GenerationResult, ImageBackend, TaskEvent } from '@holodeck/core';
import type { Clock } from '@holodeck/core/backend';
import type { TaskRow } from '@holodeck/core/stores';
import type { BackendFixture } from './backend-fixture.ts';
import type { DefineTest } from './backend-suite.ts';

/** Waits of the driver are cut to this, so that its grace periods and pauses take no time here. In milliseconds. */
const longestWaitMs = 20;

const impatientClock: Clock = {
  ...systemClock,
  sleep: async (ms, signal) => systemClock.sleep(Math.min(ms, longestWaitMs), signal),
};

/** The backend under the driver: tasks reach the disk, and what was paid for is never lost or paid again. */
export function defineDriverTests(test: DefineTest): void {
  test('makes a task’s file', async (fixture) => {
    const { expect } = fixture;
    const client = fixture.client({ outputDir: fixture.folder });
    const result = await fixture.within(client.generateOrThrow(fixture.task({ taskId: 'one' })), 'generate');
    const [image] = result.images;
    const bytes = await readFile(image.path ?? '');
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(image.sha256);
    expect(result).toMatchObject({ taskId: 'one', source: 'generated', attempts: 1, paidAttempts: 1 });
    await fixture.expectSubmissions(1);
    const again = await fixture.within(client.generateOrThrow(fixture.task({ taskId: 'one' })), 'generate');
    expect(again.source).toBe('resumed');
    await fixture.expectSubmissions(1);
  });

  test('has the handle on disk before anyone waits for the job', async (fixture) => {
    const rows: TaskRow[] = [];
    const watched = watchCollect(fixture.backend, async () => {
      // Another connection sees only what is on disk.
      const store = await openStoreForFolder(fixture.folder);
      try {
        for await (const row of store.tasks.list()) rows.push(row);
      } finally {
        await store.close();
      }
    });
    const client = fixture.client({ outputDir: fixture.folder }, watched);
    await fixture.within(client.generateOrThrow(fixture.task({ taskId: 'one' })), 'generate');
    fixture.expect(rows).toHaveLength(1);
    fixture.expect(rows[0]).toMatchObject({ taskId: 'one', state: 'accepted', backend: fixture.backend.name });
    fixture.expect(typeof rows[0]?.handle?.jobId).toBe('string');
  });

  test('sends nothing again when the answer to a submission was lost', async (fixture) => {
    await fixture.provoke('lose-answer');
    const result = await generate(fixture, fixture.backend);
    await fixture.calm();
    if (!result.success) fixture.expect(result.error.outcome, result.error.message).toBe('unknown');
    else fixture.expect(fixture.backend.capabilities.locatable).toBe(true);
    await generate(fixture, await fixture.another());
    await fixture.expectSubmissions(1);
  });

  test('waits out a refusal for load', async (fixture) => {
    await fixture.provoke('refuse-for-load');
    const client = fixture.client({
      outputDir: fixture.folder,
      timeoutMs: Infinity,
      internal: { clock: impatientClock },
    });
    let refused = 0;
    const onProgress = (event: TaskEvent): void => {
      if (event.type !== 'state' || event.state !== 'rejected') return;
      refused += 1;
      if (refused === 2) void fixture.calm();
    };
    const result = await fixture.within(client.generate(fixture.task(), { onProgress }), 'generate');
    if (!result.success) throw result.error;
    fixture.expect(result.paidAttempts).toBe(1);
    fixture.expect(result.attempts).toBe(1);
  });

  test('keeps a job that ran out of time, and finishes it later without a submission', async (fixture) => {
    const { expect } = fixture;
    await fixture.provoke('hold-job');
    const accepted = Promise.withResolvers<void>();
    const timeoutMs = 299_999;
    const lastsMs = Math.max(timeoutMs, fixture.backend.capabilities.jobLastsMs ?? 0);
    // The deadline passes when the job has been taken, however long that takes here; also one that counts from the last sign of
    // the job, and so sleeps a little less.
    const isDeadline = (ms: number): boolean => ms > lastsMs - 60_000 && ms <= lastsMs;
    const clock: Clock = {
      ...systemClock,
      sleep: (ms, signal) => (isDeadline(ms) ? accepted.promise : systemClock.sleep(ms, signal)),
    };
    const client = fixture.client({ outputDir: fixture.folder, timeoutMs, internal: { clock } });
    const onProgress = (event: TaskEvent): void => {
      if (event.type === 'state' && event.state === 'accepted') accepted.resolve();
    };
    const late = await fixture.within(client.generate(fixture.task({ taskId: 'late' }), { onProgress }), 'generate');
    if (late.success) throw new Error('A job that does not end was delivered.');
    expect(late.error).toMatchObject({ kind: 'timeout', outcome: 'accepted' });
    await fixture.within(client.close(), 'close');
    await fixture.calm();
    const resuming = fixture.client({ outputDir: fixture.folder }, await fixture.another());
    const resumed: GenerationResult[] = [];
    await fixture.within(drain(resuming.resume(), resumed), 'resume');
    expect(resumed.map((result) => [result.taskId, result.success])).toEqual([['late', true]]);
    await fixture.expectSubmissions(1);
  });

  test('ends a task that its caller aborts while the job runs', async (fixture) => {
    const { expect, backend } = fixture;
    await fixture.provoke('hold-job');
    const stop = new AbortController();
    const client = fixture.client({ outputDir: fixture.folder });
    const onProgress = (event: TaskEvent): void => {
      if (event.type === 'state' && event.state === 'accepted') stop.abort();
    };
    const generating = client.generate(fixture.task(), { signal: stop.signal, onProgress });
    const result = await fixture.within(generating, 'generate');
    if (result.success) throw new Error('A job that does not end was delivered.');
    expect(result.error.kind).toBe('aborted');
    expect(result.error.outcome).toBe(backend.capabilities.cancellable ? 'failed' : 'accepted');
    await fixture.expectSubmissions(1);
  });

  test('ends a task that its caller aborts while its submission is on the wire', async (fixture) => {
    const { expect, harness } = fixture;
    await fixture.provoke('hold-submission');
    const stop = new AbortController();
    const client = fixture.client({
      outputDir: fixture.folder,
      timeoutMs: Infinity,
      internal: { clock: impatientClock },
    });
    const generating = client.generate(fixture.task(), { signal: stop.signal });
    await fixture.until('the server has the submission', async () => (await harness.submissions()) > 0);
    stop.abort();
    const result = await fixture.within(generating, 'generate');
    if (result.success) throw new Error('A submission without an answer was delivered.');
    expect(result.error.kind).toBe('aborted');
    // Where the backend can ask for it, the job is known after all.
    expect(['unknown', 'accepted', 'failed'], result.error.message).toContain(result.error.outcome);
    await fixture.expectSubmissions(1);
  });

  test('delivers no bytes that are not an image', async (fixture) => {
    await fixture.provoke('damage-image');
    const client = fixture.client({ timeoutMs: Infinity, internal: { clock: impatientClock } });
    const result = await fixture.within(client.generate(fixture.task()), 'generate');
    if (result.success) throw new Error('A text was delivered as an image.');
    fixture.expect(result.error.kind).toBe('bad-response');
    await fixture.expectSubmissions(1);
  });

  test('makes a batch in its order', async (fixture) => {
    const client = fixture.client({ outputDir: join(fixture.folder, 'batch') });
    const tasks = ['first', 'second', 'third'].map((taskId) => fixture.task({ taskId, prompt: `a ${taskId} cup` }));
    const results = await fixture.within(client.generateBatch(tasks), 'generateBatch');
    for (const result of results) if (!result.success) throw result.error;
    fixture.expect(results.map(({ taskId }) => taskId)).toEqual(['first', 'second', 'third']);
    await fixture.expectSubmissions(3);
  });
}

async function generate(fixture: BackendFixture, backend: ImageBackend): Promise<GenerationResult> {
  const options = { outputDir: fixture.folder, timeoutMs: Infinity };
  const client = fixture.client({ ...options, internal: { clock: impatientClock } }, backend);
  const result = await fixture.within(client.generate(fixture.task({ taskId: 'one' })), 'generate');
  await fixture.within(client.close(), 'close');
  return result;
}

/** The backend with something that happens before each collection. */
function watchCollect(backend: ImageBackend, before: () => Promise<void>): ImageBackend {
  return new Proxy(backend, {
    get(target, name) {
      if (name === 'collect') {
        return async (...parameters: Parameters<ImageBackend['collect']>) => {
          await before();
          return target.collect(...parameters);
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function drain(results: AsyncIterable<GenerationResult>, into: GenerationResult[]): Promise<void> {
  for await (const result of results) into.push(result);
}
