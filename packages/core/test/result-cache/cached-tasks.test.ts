import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paintPng } from '@holodeck/emulators';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ImageClient, ResultCache } from '../../src/index.ts';
import { openStoreForFolder } from '../../src/stores/index.ts';
import type { GenerationSuccess, ImageClientOptions, Logger } from '../../src/index.ts';
import type { BackendResult } from '../../src/backend.ts';
import { refusal, ScriptedBackend } from '../support/scripted-backend.ts';

let root: string;
let cache: ResultCache;
const clients: ImageClient[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'holodeck-cached-'));
  cache = new ResultCache({ directory: join(root, 'cache') });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await rm(root, { recursive: true, force: true });
});

function start(
  folder: string | undefined,
  options: ImageClientOptions = {},
  backend: ScriptedBackend = new ScriptedBackend(),
): { backend: ScriptedBackend; client: ImageClient } {
  const outputDir = folder === undefined ? {} : { outputDir: join(root, folder) };
  const client = new ImageClient(backend, { cache, retryBaseMs: 1, retryMaxMs: 5, ...outputDir, ...options });
  clients.push(client);
  return { backend, client };
}

const request = { prompt: '雨夜的面馆', seed: 7, outputPath: 'noodles.png' };

async function make(
  client: ImageClient,
  task: Parameters<ImageClient['generate']>[0] = request,
): Promise<GenerationSuccess> {
  return client.generateOrThrow(task);
}

async function entryFile(): Promise<string> {
  const entries = await readdir(cache.directory, { recursive: true, withFileTypes: true });
  const [file] = entries.filter((entry) => entry.isFile());
  if (file === undefined) throw new Error('The cache is empty.');
  return join(file.parentPath, file.name);
}

describe('a seeded request', () => {
  it('is paid once: another folder gets the image from the cache, as its own task', async () => {
    const first = start('one', { prices: { scripted: { perImage: 0.2, currency: 'CNY' } } });
    const made = await make(first.client);
    expect(made.source).toBe('generated');
    const { backend, client } = start('two', { prices: { scripted: { perImage: 0.2, currency: 'CNY' } } });
    const again = await make(client);
    expect(again).toMatchObject({
      source: 'cache',
      attempts: 0,
      paidAttempts: 0,
      cost: { paidSubmissions: 0, amount: 0, currency: 'CNY' },
      images: [{ path: join(root, 'two', 'noodles.png'), sha256: made.images[0].sha256, seed: 7, width: 64 }],
    });
    expect(await readFile(again.images[0].path as string)).toEqual(await readFile(made.images[0].path as string));
    expect(backend.submissions).toBe(0);
    expect(client.stats()).toMatchObject({ cached: 1, done: 0, spending: { submissions: 0 } });
    // From here it is an image like any other: the cache is not needed any more.
    await cache.clear();
    const next = start('two');
    expect(await make(next.client)).toMatchObject({ source: 'resumed' });
    expect(next.backend.submissions).toBe(0);
    expect(await readdir(join(root, 'two'))).toEqual(expect.arrayContaining(['noodles.png']));
    expect((await readdir(join(root, 'two'))).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('returns bytes without a folder', async () => {
    const made = await make(start(undefined).client, { prompt: 'x', seed: 1 });
    const { client, backend } = start(undefined);
    const again = await make(client, { prompt: 'x', seed: 1 });
    expect(again.source).toBe('cache');
    expect(again.images[0].bytes).toEqual(made.images[0].bytes);
    expect(backend.submissions).toBe(0);
  });

  it('differs with another seed, prompt, size, count, reference or look', async () => {
    const bytes = (colour: string): Uint8Array => paintPng({ width: 64, height: 64, prompt: colour, seed: 1 });
    const capabilities = { references: { roles: ['style' as const], maxCount: 1, mediaTypes: ['image/png'] } };
    const { client, backend } = start(undefined, {}, new ScriptedBackend({ capabilities }));
    const base = { prompt: 'x', seed: 1, references: [{ bytes: bytes('red') }] };
    const variants = [
      base,
      { ...base, seed: 2 },
      { ...base, prompt: 'y' },
      { ...base, size: '512x512' },
      { ...base, references: [{ bytes: bytes('blue') }] },
      { prompt: 'x', seed: 1 },
    ];
    for (const variant of variants) expect(await make(client, variant)).toMatchObject({ source: 'generated' });
    expect(backend.submissions).toBe(variants.length);
    class OtherLook extends ScriptedBackend {
      override readonly fingerprint = 'another checkpoint' as 'scripted model-1';
    }
    const other = start(undefined, {}, new OtherLook({ capabilities }));
    expect(await make(other.client, base)).toMatchObject({ source: 'generated' });
    expect(await make(client, base)).toMatchObject({ source: 'cache' });
  });
});

it('a request without a seed asks for a new picture each time', async () => {
  await make(start('one').client, { prompt: 'x' });
  expect(await make(start('two').client, { prompt: 'x' })).toMatchObject({ source: 'generated' });
  expect(await cache.status()).toMatchObject({ entries: 0 });
});

it('needs the option: without a cache nothing is kept and nothing taken', async () => {
  await make(start('one').client);
  const { cache: _none, ...without } = { cache };
  const plain = new ImageClient(new ScriptedBackend(), { outputDir: join(root, 'two'), ...without });
  clients.push(plain);
  expect(await make(plain)).toMatchObject({ source: 'generated' });
});

it.each([
  [
    'a flipped bit in the image',
    (bytes: Buffer): void => void (bytes[bytes.byteLength - 40] = (bytes.at(-40) ?? 0) ^ 1),
  ],
  [
    'a flipped bit in the hash',
    (bytes: Buffer): void => void bytes.write('0'.repeat(64), bytes.indexOf('"sha256":"') + 10),
  ],
])('finds out %s, drops the entry and pays again', async (_what, damage) => {
  await make(start('one').client);
  const file = await entryFile();
  const bytes = await readFile(file);
  damage(bytes);
  await writeFile(file, bytes);
  const { client, backend } = start('two');
  const result = await make(client);
  expect(result.source).toBe('generated');
  expect(backend.submissions).toBe(1);
  expect((await readdir(join(root, 'two'))).filter((name) => name.endsWith('.part'))).toEqual([]);
  // The new image has taken its place.
  expect(await make(start('three').client)).toMatchObject({ source: 'cache' });
});

it('does not keep a result with fewer images than requested', async () => {
  const { client } = start('one');
  expect((await make(client, { ...request, count: 2, size: '64x64' })).warnings).toMatchObject([
    { code: 'fewer-images' },
  ]);
  expect(await cache.status()).toMatchObject({ entries: 0 });
});

it('gives warnings about the image again, and none about the first call', async () => {
  class Warning extends ScriptedBackend {
    override async collect(...args: Parameters<ScriptedBackend['collect']>): Promise<BackendResult> {
      const warnings = [
        { code: 'size-differs' as const, feature: 'size', message: 'Smaller than asked.' },
        { code: 'other' as const, message: 'The service was slow.' },
      ];
      return { ...(await super.collect(...args)), warnings };
    }
  }
  await make(start('one', {}, new Warning()).client);
  expect((await make(start('two').client)).warnings).toEqual([
    { code: 'size-differs', feature: 'size', message: 'Smaller than asked.' },
  ]);
});

it('keeps an image that an earlier process paid for', async () => {
  const never = start('one', {}, new ScriptedBackend({ collect: ['never-ends'] }));
  const stop = new AbortController();
  const left = never.client.generate(request, { signal: stop.signal });
  await never.backend.nextCollect;
  stop.abort();
  expect(await left).toMatchObject({ success: false, error: { outcome: 'accepted' } });
  await never.client.close();
  expect(await make(start('one').client)).toMatchObject({ source: 'resumed' });
  expect(await make(start('two').client)).toMatchObject({ source: 'cache' });
});

it('an unusable cache stops nothing and is logged', async () => {
  await writeFile(join(root, 'file'), '');
  const told: string[] = [];
  const tell: Logger['warn'] = (_fields, message) => void told.push(message);
  const logger: Logger = { debug: () => undefined, info: () => undefined, warn: tell, error: tell };
  const broken = new ResultCache({ directory: join(root, 'file') });
  expect(await make(start('one', { cache: broken, logger }).client)).toMatchObject({ source: 'generated' });
  expect(told).toEqual([expect.stringContaining('could not be kept')]);
});

describe('a process that dies while it takes an image from the cache', () => {
  async function leaveReceived(): Promise<string> {
    await make(start('one').client);
    const { client, backend } = start('two', { cache: new ResultCache({ directory: join(root, 'empty') }) });
    const done = await make(client);
    await client.close();
    const store = await openStoreForFolder(join(root, 'two'));
    const [row] = await Array.fromAsync(store.tasks.list());
    if (row === undefined) throw new Error('no row');
    await store.tasks.forget(row.scope, row.taskId);
    const part = `.${randomUUID()}-0.part`;
    await writeFile(join(root, 'two', part), await readFile(done.images[0].path as string));
    await unlink(done.images[0].path as string);
    const { handle: _handle, acceptedAtMs: _at, endedAtMs: _end, revision: _r, updatedAtMs: _u, ...rest } = row;
    const images = (row.images ?? []).map((image) => ({ ...image, temporaryPath: part }));
    await store.tasks.begin({ ...rest, key: randomUUID(), state: 'received', owner: null, images });
    await store.close();
    expect(backend.submissions).toBe(1);
    return join(root, 'two', part);
  }

  it('leaves a complete file, which the next process puts in place', async () => {
    await leaveReceived();
    const { client, backend } = start('two', { cache: new ResultCache({ directory: join(root, 'empty') }) });
    expect(await make(client)).toMatchObject({ source: 'resumed', paidAttempts: 0 });
    expect(backend.submissions).toBe(0);
  });

  it('leaves nothing unknown when that file is gone too', async () => {
    await unlink(await leaveReceived());
    const resumed = await Array.fromAsync(
      start('two', { cache: new ResultCache({ directory: root }) }).client.resume(),
    );
    expect(resumed).toMatchObject([{ success: false, error: { outcome: 'not-submitted' } }]);
    expect(await make(start('two').client)).toMatchObject({ source: 'cache' });
  });
});

it('does not pass the cost gate or wait for a permit', async () => {
  await make(start('one').client);
  const full = new ScriptedBackend({ submit: Array.from({ length: 50 }, () => refusal()) });
  const { client } = start('two', { maxSubmissions: 0 }, full);
  expect(await make(client)).toMatchObject({ source: 'cache', timings: { queuedMs: 0 } });
});
