import { mkdtemp, readdir, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ImageClient, ResultCache } from '../../src/index.ts';
import { openStoreForFolder } from '../../src/stores/index.ts';
import type { ImageClientOptions } from '../../src/index.ts';
import { fault, ScriptedBackend } from '../support/scripted-backend.ts';
import type { ScriptedOptions } from '../support/scripted-backend.ts';

const prices = { scripted: { perImage: 0.2, currency: 'CNY' } };
let root: string;
const clients: ImageClient[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'holodeck-plan-'));
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await rm(root, { recursive: true, force: true });
});

function start(
  scripted: ScriptedOptions = {},
  options: ImageClientOptions = {},
): { backend: ScriptedBackend; client: ImageClient } {
  const backend = new ScriptedBackend(scripted);
  const outputDir = join(root, 'output');
  const client = new ImageClient(backend, { outputDir, prices, retryBaseMs: 1, retryMaxMs: 5, ...options });
  clients.push(client);
  return { backend, client };
}

const task = { prompt: 'x', count: 2, metadata: { line: 3 } };

it('says what would be sent and what it costs, and leaves no trace', async () => {
  const { backend, client } = start({}, { cache: new ResultCache({ directory: join(root, 'cache') }) });
  expect(await client.plan({ ...task, seed: 1 })).toEqual({
    taskId: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    scope: 'tasks',
    backend: 'scripted',
    model: 'model-1',
    action: 'submit',
    cost: { paidSubmissions: 1, amount: 0.4, currency: 'CNY' },
    metadata: { line: 3 },
  });
  expect(backend.submissions).toBe(0);
  expect(await readdir(root)).toEqual([]);
});

it('numbers equal tasks as generating them does', async () => {
  const { client } = start();
  const planned = [await client.plan(task), await client.plan(task)].map(({ taskId }) => taskId);
  const made = [await client.generate(task), await client.generate(task)].map(({ taskId }) => taskId);
  expect(planned).toEqual(made);
});

it('finds what is there, what is paid for, and what may be', async () => {
  const unknown = fault({ outcome: 'unknown', retryable: false });
  const { client, backend } = start(
    { submit: ['take', unknown], collect: ['deliver', 'never-ends'] },
    { maxConcurrent: 3 },
  );
  const done = await client.generateOrThrow({ prompt: 'done', taskId: 'done' });
  await client.generate({ prompt: 'unknown', taskId: 'unknown' });
  const stop = new AbortController();
  const left = client.generate({ prompt: 'left', taskId: 'left' }, { signal: stop.signal });
  const next = start();
  await backend.nextCollect;
  stop.abort();
  const job = await left;
  const plan = async (name: string): Promise<unknown> => next.client.plan({ prompt: name, taskId: name });
  expect(await plan('done')).toMatchObject({ action: 'present', cost: { paidSubmissions: 0, amount: 0 } });
  expect(await plan('unknown')).toMatchObject({ action: 'unknown', cost: { paidSubmissions: 0 } });
  expect(await plan('left')).toMatchObject({ action: 'collect', jobId: job.jobId, cost: { paidSubmissions: 0 } });
  // Another request under the same name has not been made.
  expect(await next.client.plan({ prompt: 'other', taskId: 'done' })).toMatchObject({ action: 'submit' });
  await unlink(done.images[0].path as string);
  expect(await plan('done')).toMatchObject({ action: 'collect' });
  const paying = start({}, { resubmitUnknown: true });
  expect(await paying.client.plan({ prompt: 'unknown', taskId: 'unknown' })).toMatchObject({ action: 'submit' });
  expect(next.backend).toMatchObject({ submissions: 0, collections: 0 });
});

it('waits for a task of a live process', async () => {
  const { client, backend } = start({ collect: ['never-ends'] });
  const running = client.generate({ prompt: 'x', taskId: 'x' });
  await backend.nextCollect;
  const other = start();
  expect(await other.client.plan({ prompt: 'x', taskId: 'x' })).toMatchObject({ action: 'wait' });
  await client.close();
  await running;
});

it('tells a submission that was cut short by whether the provider can be asked', async () => {
  const store = await openStoreForFolder(join(root, 'output'));
  const { client } = start();
  const { client: asking } = start({ located: 'found' });
  await client.generate({ prompt: 'x', taskId: 'x' });
  const [row] = await Array.fromAsync(store.tasks.list());
  if (row === undefined) throw new Error('no row');
  await store.tasks.update(row, row.revision, { state: 'submitting', handle: null, images: null, owner: null });
  await store.close();
  expect(await client.plan({ prompt: 'x', taskId: 'x' })).toMatchObject({ action: 'unknown' });
  expect(await asking.plan({ prompt: 'x', taskId: 'x' })).toMatchObject({ action: 'collect' });
});

it('knows the cache', async () => {
  const cache = new ResultCache({ directory: join(root, 'cache') });
  await start({}, { cache }).client.generate({ prompt: 'x', seed: 1 });
  const elsewhere = start({}, { cache, outputDir: join(root, 'elsewhere') });
  expect(await elsewhere.client.plan({ prompt: 'x', seed: 1 })).toMatchObject({ action: 'cache', cost: { amount: 0 } });
  expect(await elsewhere.client.plan({ prompt: 'x', seed: 2 })).toMatchObject({ action: 'submit' });
});

it('settles with what would be refused', async () => {
  const { client } = start();
  expect(await client.plan({ prompt: '', taskId: 'empty', metadata: { line: 1 } })).toMatchObject({
    taskId: 'empty',
    action: 'refuse',
    error: { kind: 'invalid-request', outcome: 'not-submitted' },
    metadata: { line: 1 },
  });
});
