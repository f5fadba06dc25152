import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { paintPng } from '@holodeck/emulators';
import { describe, expect, it } from 'vitest';
import { ImageClient, ImageError } from '../src/index.ts';
import { systemClock } from '../src/backend.ts';
import { createMemoryPermits, createOwner, openSqliteStore, openStoreForFolder } from '../src/stores/index.ts';
import type { GenerationResult, GenerationTask } from '../src/index.ts';
import type { JobContext } from '../src/backend.ts';
import type { PermitStore, TaskRow, TaskRowPatch } from '../src/stores/index.ts';
import { fault, ScriptedBackend } from './support/scripted-backend.ts';
import type { ScriptedOptions } from './support/scripted-backend.ts';
import { leaveAccepted, outputDir, start, useOutputDir } from './support/scripted-client.ts';

const task = { prompt: 'a cat', taskId: 'cat', outputPath: 'cat.png' };
useOutputDir();

/** An owner of this host whose process is gone. */
function deadOwner(): string {
  const { host, boot } = createOwner();
  return `${host}/${boot}/4194303/1/${randomUUID().slice(0, 16).replaceAll('-', '')}`;
}

/** Leaves a row as a process that was killed in this state would leave it. */
async function leaveRow(state: TaskRow['state'], patch: TaskRowPatch = {}): Promise<void> {
  const probe = start({
    submit: [async (context) => Promise.reject(Object.assign(new Error('stop'), { key: context.key }))],
  });
  // The client itself writes the row, so that its hash and request are the real ones.
  await probe.client.generate(task);
  await probe.client.close();
  const store = await openStoreForFolder(outputDir);
  const [row] = await Array.fromAsync(store.tasks.list());
  if (row === undefined) throw new Error('no row');
  const handle = probe.backend.handle(row.key);
  await store.tasks.update(row, row.revision, {
    state,
    owner: deadOwner(),
    error: null,
    ...(state === 'submitting' ? {} : { handle }),
    ...patch,
  });
  await store.close();
}

async function onlyRow(): Promise<TaskRow> {
  const store = await openStoreForFolder(outputDir);
  const all = await Array.fromAsync(store.tasks.list({ latestOnly: true }));
  await store.close();
  expect(all).toHaveLength(1);
  return all[0] as TaskRow;
}

async function resumeAll(client: ImageClient): Promise<GenerationResult[]> {
  return Array.fromAsync(client.resume());
}

describe.each(['generate', 'resume'] as const)('%s after a kill', (way) => {
  async function go(scripted: ScriptedOptions = {}): Promise<{ result: GenerationResult; backend: ScriptedBackend }> {
    const { client, backend } = start(scripted);
    const [result] = way === 'generate' ? [await client.generate(task)] : await resumeAll(client);
    if (result === undefined) throw new Error('resume found nothing');
    return { result, backend };
  }

  it.each(['accepted', 'ended'] as const)('%s: the job is collected, nothing is submitted', async (state) => {
    await leaveRow(state);
    const { result, backend } = await go();
    expect(result).toMatchObject({ success: true, source: 'resumed', taskId: 'cat', paidAttempts: 1 });
    expect(backend).toMatchObject({ submissions: 0, collections: 1 });
    expect(await onlyRow()).toMatchObject({ state: 'done', owner: null });
    expect((await readdir(outputDir)).toSorted()).toEqual(['.holodeck', 'cat.png']);
  });

  it('received: the file is put in place without asking anybody', async () => {
    const bytes = paintPng({ width: 64, height: 64, prompt: 'other', seed: 2 });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(outputDir, '.x-0.part'), bytes);
    const image = {
      temporaryPath: '.x-0.part',
      path: 'cat.png',
      sha256,
      byteLength: bytes.byteLength,
      width: 64,
      height: 64,
      mediaType: 'image/png',
    };
    await leaveRow('received', { images: [image] });
    const { result, backend } = await go();
    expect(result).toMatchObject({ success: true, source: 'resumed' });
    expect(backend).toMatchObject({ submissions: 0, collections: 0 });
    expect(await readFile(join(outputDir, 'cat.png'))).toEqual(bytes);
  });

  it('received with the rename already done: it is recognised', async () => {
    const bytes = paintPng({ width: 64, height: 64, prompt: 'other', seed: 2 });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const image = {
      temporaryPath: '.x-0.part',
      path: 'cat.png',
      sha256,
      byteLength: bytes.byteLength,
      width: 64,
      height: 64,
      mediaType: 'image/png',
    };
    await leaveRow('received', { images: [image] });
    await writeFile(join(outputDir, 'cat.png'), bytes);
    const { result, backend } = await go();
    expect(result.success).toBe(true);
    expect(backend).toMatchObject({ submissions: 0, collections: 0 });
  });

  it('submitting, and the provider cannot tell: unknown, not sent again', async () => {
    await leaveRow('submitting');
    const { result, backend } = await go();
    expect(result).toMatchObject({ success: false, error: { outcome: 'unknown' } });
    expect(result.success ? '' : result.error.message).toContain('resubmitUnknown');
    expect(backend.submissions).toBe(0);
    expect(await onlyRow()).toMatchObject({ state: 'unknown' });
  });

  it('submitting: the file of an answer of which nothing came is removed, any other stays', async () => {
    await leaveRow('submitting');
    const { key } = await onlyRow();
    const spool = join(outputDir, '.holodeck', 'spool');
    await mkdir(spool);
    await writeFile(join(spool, `${key}.part`), '');
    await writeFile(join(spool, 'other.part'), 'half an answer');
    await go();
    expect(await readdir(spool)).toEqual(['other.part']);
  });

  it('submitting, and the provider cannot tell: sent again by the very run that may, never by resume', async () => {
    await leaveRow('submitting');
    const { client, backend } = start({}, { resubmitUnknown: true });
    const resumed = await Array.fromAsync(client.resume());
    expect(resumed).toMatchObject([{ success: false, error: { outcome: 'unknown' } }]);
    expect(backend.submissions).toBe(0);
    const store = await openStoreForFolder(outputDir);
    const [row] = await Array.fromAsync(store.tasks.list());
    if (row === undefined) throw new Error('no row');
    await store.tasks.update(row, row.revision, { state: 'submitting', owner: null, error: null });
    await store.close();
    expect(await client.plan(task)).toMatchObject({ action: 'submit' });
    expect(await client.generate(task)).toMatchObject({ success: true, source: 'generated' });
    expect(backend.submissions).toBe(1);
  });

  it('submitting, and the provider has it: adopted', async () => {
    await leaveRow('submitting');
    const { result, backend } = await go({ located: 'found' });
    expect(result).toMatchObject({ success: true, source: 'resumed', paidAttempts: 1 });
    expect(backend.submissions).toBe(0);
  });

  it('submitting, and the provider never saw it: only generate sends it', async () => {
    await leaveRow('submitting');
    const { result, backend } = await go({ located: 'absent' });
    expect(result.success).toBe(way === 'generate');
    expect(backend.submissions).toBe(way === 'generate' ? 1 : 0);
  });
});

it('unknown because the provider was out of reach: the same task asks it again', async () => {
  await leaveRow('submitting');
  const first = await start({ located: 'cannot-tell' }).client.generate(task);
  expect(first).toMatchObject({ success: false, error: { outcome: 'unknown' } });
  expect(await onlyRow()).toMatchObject({ state: 'unknown' });
  const { client, backend } = start({ located: 'found' });
  expect(await client.generate(task)).toMatchObject({ success: true, source: 'resumed', paidAttempts: 1 });
  expect(backend.submissions).toBe(0);
  expect(await onlyRow()).toMatchObject({ state: 'done', owner: null });
});

describe('resume of an unknown submission', () => {
  async function leaveUnknown(): Promise<void> {
    await leaveRow('submitting');
    await start({ located: 'cannot-tell' }).client.generate(task);
    expect(await onlyRow()).toMatchObject({ state: 'unknown', owner: null });
  }

  it.each([
    ['found', [{ success: true, source: 'resumed', paidAttempts: 1 }], { state: 'done', owner: null }],
    ['absent', [{ success: false, error: { outcome: 'not-submitted' } }], { state: 'rejected', owner: null }],
    // Nothing new: it stays listed, and every other run would end as if it had failed.
    ['cannot-tell', [], { state: 'unknown', owner: null }],
  ] as const)('asks a provider that can be asked: %s', async (located, results, row) => {
    await leaveUnknown();
    const { client, backend } = start({ located });
    expect(await resumeAll(client)).toMatchObject(results);
    expect(backend.submissions).toBe(0);
    expect(await onlyRow()).toMatchObject(row);
  });

  it('leaves it to a provider that cannot be asked, and to the lane that it went to', async () => {
    await leaveUnknown();
    const lane = { id: 'scripted/other', label: 'other', defaultMaxConcurrent: 1 };
    for (const { client, backend } of [start(), start({ located: 'found', lane })]) {
      expect(await resumeAll(client)).toEqual([]);
      expect(backend).toMatchObject({ submissions: 0, collections: 0 });
    }
    expect(await onlyRow()).toMatchObject({ state: 'unknown' });
  });

  it('leaves an attempt alone after which the task was sent again', async () => {
    await leaveUnknown();
    const again = start({ located: 'found' }, { resubmitUnknown: true });
    expect(await again.client.generate(task)).toMatchObject({ success: true, source: 'generated' });
    const { client, backend } = start({ located: 'found' });
    expect(await resumeAll(client)).toEqual([]);
    expect(backend.collections).toBe(0);
  });
});

it('submitting, and the run is stopped while the provider is asked: the next run asks again', async () => {
  await leaveRow('submitting');
  const first = start({ located: 'found' });
  const abort = new AbortController();
  const asked = Promise.withResolvers<void>();
  Object.assign(first.backend, {
    locate: async (_key: string, { signal }: JobContext): Promise<'found'> => {
      asked.resolve();
      await sleep(60_000, undefined, { signal });
      return 'found';
    },
  });
  const stopped = first.client.generate(task, { signal: abort.signal });
  await asked.promise;
  abort.abort();
  expect(await stopped).toMatchObject({ success: false, error: { kind: 'aborted', outcome: 'unknown' } });
  expect(await onlyRow()).toMatchObject({ state: 'submitting', owner: null });
  const second = start({ located: 'found' });
  expect(await second.client.generate(task)).toMatchObject({ success: true, source: 'resumed', paidAttempts: 1 });
  expect(second.backend.submissions).toBe(0);
});

it('a submission whose answer was lost is left open soon when its caller stops while the provider is asked', async () => {
  const clock = { ...systemClock, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 100, signal) };
  const { client, backend } = start(
    { submit: [fault({ outcome: 'unknown' })], located: 'found' },
    { internal: { clock } },
  );
  const asked = Promise.withResolvers<void>();
  Object.assign(backend, {
    locate: async (_key: string, { signal }: JobContext): Promise<'found'> => {
      asked.resolve();
      // Ends by the signal alone.
      await sleep(2 ** 31 - 1, undefined, { signal });
      return 'found';
    },
  });
  const abort = new AbortController();
  const stopped = client.generate(task, { signal: abort.signal });
  await asked.promise;
  abort.abort();
  expect(await stopped).toMatchObject({ success: false, error: { outcome: 'unknown' } });
  expect(await onlyRow()).toMatchObject({ state: 'unknown', owner: null });
});

it('a live owner is left alone: a second client waits for its result', async () => {
  const first = start({ jobMs: 80 });
  const second = start();
  const collecting = first.backend.nextCollect;
  const pending = first.client.generate(task);
  await collecting;
  const [one, two] = await Promise.all([pending, second.client.generate(task)]);
  expect(one).toMatchObject({ success: true, source: 'generated' });
  expect(two).toMatchObject({ success: true, source: 'resumed' });
  expect(second.backend.submissions).toBe(0);
});

it('a job of another account is refused with what to do', async () => {
  await leaveRow('accepted', {
    handle: {
      version: 1,
      backend: 'scripted',
      lane: 'scripted/other',
      credential: '1',
      jobId: 'j',
      key: randomUUID(),
      acceptedAtMs: 1,
    },
  });
  const { client, backend } = start();
  const result = await client.generate(task);
  expect(result).toMatchObject({ success: false, error: { kind: 'auth', outcome: 'accepted' } });
  expect(backend.submissions).toBe(0);
  expect(await onlyRow()).toMatchObject({ state: 'accepted', owner: null });
});

it('an image that another backend made is told as that one’s', async () => {
  const first = start();
  const small = { ...task, size: '64x64' } as const;
  await first.client.generate(small);
  await first.client.close();
  const { client, backend } = start({ name: 'other' });
  const result = await client.generate(small);
  expect(result).toMatchObject({ success: true, source: 'resumed', backend: 'scripted', model: 'model-1' });
  expect(result.warnings).toMatchObject([{ code: 'other', message: expect.stringContaining('scripted') }]);
  expect(backend.submissions).toBe(0);
});

it('metadata comes back with what is resumed', async () => {
  await leaveAccepted({ ...task, scope: 'session/书房', metadata: { objectId: '书架' } });
  const { client } = start();
  expect(await Array.fromAsync(client.resume({ scope: 'session/other' }))).toEqual([]);
  expect(await Array.fromAsync(client.resume({ scope: 'session/书房' }))).toMatchObject([
    { success: true, metadata: { objectId: '书架' } },
  ]);
});

it('what is paid is fetched also where permits cannot be written down', async () => {
  await leaveAccepted(task);
  const memory = createMemoryPermits();
  const permits: PermitStore = Object.assign(Object.create(memory) as PermitStore, {
    adopt: () =>
      Promise.reject(new ImageError({ kind: 'storage', outcome: 'not-submitted', message: 'The disk is full.' })),
  });
  const { client, backend } = start({}, { permits });
  expect(await client.generate(task)).toMatchObject({ success: true, source: 'resumed' });
  expect(backend).toMatchObject({ submissions: 0, collections: 1 });
});

it('a store that serves several folders knows the images of each, whichever comes first', async () => {
  const store = await openSqliteStore({ folder: join(outputDir, 'store') });
  const tasks = ['a', 'b'].map((name) => ({ prompt: name, outputPath: join(outputDir, name, 'x.png') }));
  const [one, other] = tasks as [GenerationTask, GenerationTask];
  try {
    for (const order of [
      [one, other],
      [other, one],
    ]) {
      const backend = new ScriptedBackend();
      const client = new ImageClient(backend, { store });
      for (const each of order) expect(await client.generate(each)).toMatchObject({ success: true });
      await client.close();
      expect(backend.submissions).toBe(order[0] === one ? 2 : 0);
      expect(backend.collections).toBe(order[0] === one ? 2 : 0);
    }
  } finally {
    await store.close();
  }
});
