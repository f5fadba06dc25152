import { execFile } from 'node:child_process';
import { access, mkdir, readdir, rm, rmdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../src/backend.ts';
import { createMemoryPermits, openSqliteStore } from '../src/stores/index.ts';
import type { GenerationResult, GenerationTask, TaskEvent } from '../src/index.ts';
import type { PermitStore } from '../src/stores/index.ts';
import { syncFolder } from '../src/files/sync-folder.ts';
import { fault, refusal } from './support/scripted-backend.ts';
import { leaveAccepted, outputDir, start, useOutputDir } from './support/scripted-client.ts';

const task = { prompt: 'a cat', taskId: 'cat', outputPath: 'cat.png' };
useOutputDir();

describe('an owner that was silent for long', () => {
  it('does not send a refused attempt again that another process has gone on from', async () => {
    // To the second process the first one has shown no sign of life for a minute, as after a machine's sleep.
    const clock = { ...systemClock, now: () => Date.now() + 60_000 };
    const store = await openSqliteStore({ folder: outputDir, internal: { clock } });
    const second = start({}, { store });
    let tries = 0;
    let other: GenerationResult | undefined;
    const first = start(
      { submit: [refusal('rate-limit')] },
      {
        beforeSubmit: async () => {
          tries += 1;
          if (tries === 2) other = await second.client.generate(task);
        },
      },
    );
    const result = await first.client.generate(task);
    expect(other).toMatchObject({ success: true, source: 'generated' });
    expect(result).toMatchObject({ success: true, source: 'resumed', paidAttempts: 1 });
    expect(first.backend.accepted + second.backend.accepted).toBe(1);
    await second.client.close();
    await store.close();
  });
});

describe('a stored image that cannot be read now', () => {
  it.skipIf(process.platform === 'win32')('is not paid again when the process has too many files open', async () => {
    const count = 200;
    const { client } = start({}, { maxConcurrent: 8 });
    const tasks = Array.from({ length: count }, (_, index) => ({ prompt: 'a cat', taskId: `cat-${index}` }));
    const results = await client.generateBatch(tasks);
    expect(results.every(({ success }) => success)).toBe(true);
    await client.close();
    const script = join(import.meta.dirname, 'support', 'scarce-files-process.ts');
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      'ulimit -n 64; exec "$0" "$@"',
      process.execPath,
      '--conditions=@holodeck/source',
      script,
      outputDir,
      String(count),
    ]);
    expect(JSON.parse(stdout)).toEqual({ submissions: 0, present: count });
  });

  it.skipIf(process.platform === 'win32')('is not paid again when its path leads nowhere', async () => {
    const first = start();
    await first.client.generate(task);
    await first.client.close();
    await rm(join(outputDir, 'cat.png'));
    await symlink('cat.png', join(outputDir, 'cat.png'));
    const { client, backend } = start();
    const result = await client.generate(task);
    expect(result).toMatchObject({ success: false, error: { kind: 'storage', outcome: 'accepted', code: 'ELOOP' } });
    expect(backend).toMatchObject({ submissions: 0, collections: 0 });
  });
});

describe('a name that the file system does not take', () => {
  it('is made shorter where it comes from the task’s id', async () => {
    const { client } = start();
    const result = await client.generate({ prompt: 'a cat', taskId: '雨'.repeat(100), count: 1 });
    if (!result.success) throw result.error;
    await access(String(result.images[0].path));
  });

  it('is refused before anything is sent where the caller chose it', async () => {
    const { client, backend } = start();
    const result = await client.generate({ prompt: 'a cat', outputPath: `${'x'.repeat(300)}.png` });
    expect(result).toMatchObject({
      success: false,
      error: { kind: 'storage', outcome: 'not-submitted', code: 'ENAMETOOLONG' },
    });
    expect(backend.submissions).toBe(0);
  });

  it('is not a device name of Windows', async () => {
    const { client } = start();
    const result = await client.generate({ prompt: 'a cat', taskId: 'con' });
    if (!result.success) throw result.error;
    expect(result.images[0].path).toMatch(/[\\/]con-[0-9a-f]{8}\.png$/);
  });
});

describe('a resumed task', () => {
  it('keeps the name of an id with a dot in it', async () => {
    await leaveAccepted({ prompt: 'a cat', taskId: 'cat.v2', size: '64x64' });
    const { client } = start();
    const [result] = await Array.fromAsync(client.resume());
    expect(result).toMatchObject({ success: true, warnings: [] });
    expect(await readdir(outputDir)).toContain('cat.v2.png');
  });

  it('is waited for, and not collected twice at once, when the same client is asked for it', async () => {
    await leaveAccepted(task);
    const { client, backend } = start({ collect: ['deliver'] });
    const collecting = backend.nextCollect;
    const resuming = Array.fromAsync(client.resume());
    await collecting;
    const [[resumed], generated] = await Promise.all([resuming, client.generate(task)]);
    expect(resumed).toMatchObject({ success: true, source: 'resumed' });
    expect(generated).toMatchObject({ success: true, source: 'resumed' });
    expect(backend).toMatchObject({ submissions: 0, collections: 1 });
  });
});

it('the same task under two output paths at once is made once', async () => {
  const { client, backend } = start({ jobMs: 20 });
  const other = { ...task, outputPath: 'other.png' };
  const [one, two] = await client.generateBatch([task, other]);
  expect(one).toMatchObject({ success: true, source: 'generated' });
  expect(two).toMatchObject({ success: true, source: 'resumed', paidAttempts: 1 });
  expect(backend).toMatchObject({ submissions: 1, collections: 1 });
});

it('a task that is drawn after its stream was left is not begun', async () => {
  const { client, backend } = start();
  const more = Promise.withResolvers<void>();
  async function* tasks(): AsyncGenerator<GenerationTask> {
    yield { prompt: 'x', taskId: 'first' };
    await more.promise;
    yield { prompt: 'x', taskId: 'second' };
  }
  for await (const result of client.generateStream(tasks())) {
    expect(result.taskId).toBe('first');
    // The source goes on while the stream is being left.
    setImmediate(more.resolve);
    break;
  }
  // Whatever was begun before it is sent before it.
  await client.generate({ prompt: 'x', taskId: 'third' });
  expect(backend.submissions).toBe(2);
});

it('a callback that throws about a refused task does not end its batch', async () => {
  const { client } = start();
  const results = await client.generateBatch([{ prompt: '' }, { prompt: 'a cat' }], {
    onProgress: () => {
      throw new Error('thrown by a callback');
    },
  });
  expect(results.map(({ success }) => success)).toEqual([false, true]);
});

it('a time limit that is longer than a timer allows does not end early', async () => {
  const { client } = start({ jobMs: 30 }, { timeoutMs: 2 ** 32, queueTimeoutMs: Number.POSITIVE_INFINITY });
  const [one, two] = await client.generateBatch([task, { ...task, taskId: 'dog', outputPath: 'dog.png' }]);
  expect(one).toMatchObject({ success: true });
  expect(two).toMatchObject({ success: true });
});

// A folder of a file system that has no such call, as those over a network.
it.skipIf(process.platform !== 'linux')('a folder that cannot be synced is not an error', async () => {
  expect((await stat('/proc/self')).isDirectory()).toBe(true);
  await expect(syncFolder('/proc/self')).resolves.toBeUndefined();
  await expect(syncFolder(join(outputDir, 'gone'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('closing keeps no place, and no timer, for the tail of a slot that was only watched', async () => {
  const permits = createMemoryPermits();
  const { client, backend } = start(
    { limit: 1, jobMs: 5, slotTailMs: 400, collect: ['deliver', 'deliver', 'deliver', 'never-ends'] },
    { permits },
  );
  for (const taskId of ['a', 'b', 'c']) await client.generate({ prompt: 'a cat', taskId });
  expect(client.stats().lanes[0]?.slotTailMs).toBeGreaterThan(100);
  const abort = new AbortController();
  const collecting = backend.nextCollect;
  const left = client.generate({ prompt: 'a cat', taskId: 'd' }, { signal: abort.signal });
  await collecting;
  abort.abort();
  expect(await left).toMatchObject({ success: false, error: { outcome: 'accepted' } });
  expect(await permits.count('scripted/account')).toBe(1);
  await client.close();
  expect(await permits.count('scripted/account')).toBe(0);
});

it('an unfinished task is left to the next process while its client lives on', async () => {
  const blocked = join(outputDir, 'cat.png');
  const first = start({
    submit: [
      async ({ key }) => {
        // What stands in the way of the image comes only after the job was sent.
        await mkdir(blocked);
        return first.backend.handle(key);
      },
    ],
  });
  expect(await first.client.generate(task)).toMatchObject({ success: false, error: { kind: 'storage' } });
  expect(await first.client.generate(task)).toMatchObject({ success: false, error: { kind: 'storage' } });
  await rmdir(blocked);
  const { client, backend } = start();
  const result = await client.generate(task, { signal: AbortSignal.timeout(4000) });
  expect(result).toMatchObject({ success: true, source: 'resumed', paidAttempts: 1 });
  expect(backend).toMatchObject({ submissions: 0, collections: 0 });
});

it('a job whose state cannot be read for a while is not taken for lost', async () => {
  const portal = fault({ kind: 'bad-response', outcome: 'accepted', message: 'A page instead of an answer.' });
  const { client, backend } = start({ collect: [portal, portal, portal, portal, 'deliver'] });
  expect(await client.generate(task)).toMatchObject({ success: true, source: 'generated', paidAttempts: 1 });
  expect(backend).toMatchObject({ submissions: 1, collections: 5 });
});

it('an abort at the very moment at which a place is granted leaves it to others', async () => {
  const memory = createMemoryPermits();
  let ticks = 0;
  let abort = new AbortController();
  const permits: PermitStore = {
    reach: memory.reach,
    adopt: (request) => memory.adopt(request),
    isHeld: (lane, key) => memory.isHeld(lane, key),
    recallDurations: (lane) => memory.recallDurations(lane),
    keepDurations: (lane, record) => memory.keepDurations(lane, record),
    release: (lane, key) => memory.release(lane, key),
    count: (lane) => memory.count(lane),
    waitForRelease: (lane, maxWaitMs, signal) => memory.waitForRelease(lane, maxWaitMs, signal),
    reserveRate: (lane, kind, perSecond) => memory.reserveRate(lane, kind, perSecond),
    snapshotLane: (lane, about) => memory.snapshotLane(lane, about),
    compareAndSetLearned: (update) => memory.compareAndSetLearned(update),
    close: () => memory.close(),
    async tryAcquire(request) {
      const granted = await memory.tryAcquire(request);
      let moment = Promise.resolve();
      for (let tick = 0; tick < ticks; tick += 1) moment = moment.then(() => undefined);
      void moment.then(() => abort.abort());
      return granted;
    },
  };
  const { client } = start({}, { permits });
  for (; ticks < 12; ticks += 1) {
    abort = new AbortController();
    await client.generate({ prompt: 'a cat', taskId: `cat-${ticks}` }, { signal: abort.signal });
    await expect.poll(() => memory.count('scripted/account')).toBe(0);
  }
});

it('two tasks that would write the same file at once are not both paid', async () => {
  const { client, backend } = start({ jobMs: 20 });
  const [one, two] = await client.generateBatch([
    { prompt: 'a cat', outputPath: 'pet.png' },
    { prompt: 'a dog', outputPath: './pet.png' },
  ]);
  expect(one).toMatchObject({ success: true });
  expect(two).toMatchObject({ success: false, error: { kind: 'invalid-request', outcome: 'not-submitted' } });
  expect(backend.submissions).toBe(1);
  // One after the other is allowed where the second may replace the first.
  const replacing = { prompt: 'a dog', overwrite: true, outputPath: 'pet.png' };
  expect(await client.generate(replacing)).toMatchObject({ success: true });
});

it('a task that is stopped while its caller is asked, or its row is written, is not sent', async () => {
  const asked = new AbortController();
  const first = start({}, { beforeSubmit: () => asked.abort() });
  const stopped = { success: false, error: { kind: 'aborted', outcome: 'not-submitted' }, paidAttempts: 0 };
  expect(await first.client.generate(task, { signal: asked.signal })).toMatchObject(stopped);
  expect(first.backend.submissions).toBe(0);
  const written = new AbortController();
  const second = start();
  const onProgress = (event: TaskEvent): void => {
    if (event.type === 'state' && event.state === 'submitting') written.abort();
  };
  expect(await second.client.generate(task, { signal: written.signal, onProgress })).toMatchObject(stopped);
  expect(second.backend.submissions).toBe(0);
  expect(await second.client.generate(task)).toMatchObject({ success: true, source: 'generated', paidAttempts: 1 });
});
