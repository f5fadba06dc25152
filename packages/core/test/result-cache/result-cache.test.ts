import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ImageError, ResultCache } from '../../src/index.ts';
import { cacheDirectory } from '../../src/result-cache/cache-directory.ts';
import { ManualClock } from '../stores/manual-clock.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holodeck-cache-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const keyOf = (name: string): string => createHash('sha256').update(name).digest('hex');

async function put(cache: ResultCache, name: string, bytes: Uint8Array = randomBytes(1000)): Promise<Uint8Array> {
  const image = {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    byteLength: bytes.byteLength,
    width: 1,
    height: 1,
    mediaType: 'image/png',
    bytes,
  };
  await cache.store({ key: keyOf(name), backend: 'b', model: 'm', warnings: [] }, [image]);
  return bytes;
}

async function bytesOf(cache: ResultCache, name: string): Promise<Uint8Array | undefined> {
  const entry = await cache.open(keyOf(name));
  if (entry === undefined) return undefined;
  const chunks = await Array.fromAsync(entry.read(0));
  await entry.close();
  return Buffer.concat(chunks);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('a result cache', () => {
  it('returns what was stored, only to this user', async () => {
    const cache = new ResultCache({ directory });
    const bytes = await put(cache, 'a');
    expect(await bytesOf(cache, 'a')).toEqual(Buffer.from(bytes));
    expect(await bytesOf(cache, 'b')).toBeUndefined();
    const [file] = await filesIn(directory);
    expect(((await stat(file as string)).mode & 0o777).toString(8)).toBe('600');
    expect(((await stat(join(file as string, '..'))).mode & 0o777).toString(8)).toBe('700');
  });

  it('keeps its bound and evicts what was used least recently', async () => {
    const clock = new ManualClock();
    const cache = new ResultCache({ directory, maxBytes: 4000, internal: { clock } });
    for (const name of ['a', 'b', 'c']) {
      await put(cache, name);
      await clock.advance(1000);
    }
    await bytesOf(cache, 'a');
    await clock.advance(1000);
    await put(cache, 'd');
    expect((await cache.status()).bytes).toBeLessThanOrEqual(4000);
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((name) => cache.has(keyOf(name))))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it('counts what others have written', async () => {
    const one = new ResultCache({ directory, maxBytes: 4000 });
    await put(one, 'a');
    await put(new ResultCache({ directory, maxBytes: 1e9 }), 'large', randomBytes(3000));
    await put(one, 'b');
    expect((await one.status()).bytes).toBeLessThanOrEqual(4000);
  });

  it('skips an entry larger than the bound, and evicts nothing for it', async () => {
    const cache = new ResultCache({ directory, maxBytes: 2000 });
    await put(cache, 'small');
    await put(cache, 'large', randomBytes(2000));
    expect(await cache.has(keyOf('large'))).toBe(false);
    expect(await cache.has(keyOf('small'))).toBe(true);
  });

  it('keeps reading an entry that is evicted meanwhile', async () => {
    const cache = new ResultCache({ directory });
    const bytes = await put(cache, 'a', randomBytes(600_000));
    const entry = await cache.open(keyOf('a'));
    expect(await cache.clear()).toMatchObject({ entries: 1 });
    expect(Buffer.concat(await Array.fromAsync(entry?.read(0) ?? []))).toEqual(Buffer.from(bytes));
    await entry?.close();
  });

  it.each([
    ['cut short', (bytes: Buffer): Buffer => bytes.subarray(0, -1)],
    ['with something behind it', (bytes: Buffer): Buffer => Buffer.concat([bytes, bytes])],
    ['empty', (): Buffer => Buffer.alloc(0)],
    ['of something else', (): Buffer => randomBytes(5000)],
    ['of another version', (bytes: Buffer): Buffer => replaced(bytes, '"version":1', '"version":2')],
    ['of another key', (bytes: Buffer): Buffer => replaced(bytes, keyOf('a'), keyOf('b'))],
    ['without a length', (bytes: Buffer): Buffer => replaced(bytes, '"byteLength":1000', '"byteLength":-100')],
  ])('drops an entry %s', async (_what, damage) => {
    const cache = new ResultCache({ directory });
    await put(cache, 'a');
    const [file] = (await filesIn(directory)) as [string];
    await writeFile(file, damage(await readFile(file)));
    expect(await cache.open(keyOf('a'))).toBeUndefined();
    expect(await filesIn(directory)).toEqual([]);
  });

  it('removes what a dead process left, but nothing that may be in use', async () => {
    const cache = new ResultCache({ directory });
    await put(cache, 'a');
    const folder = join(directory, 'results-1', 'unfinished');
    await writeFile(join(folder, 'old'), 'x');
    await utimes(join(folder, 'old'), 1, 1);
    await writeFile(join(folder, 'fresh'), 'x');
    await put(new ResultCache({ directory }), 'b');
    expect(await readdir(folder)).toEqual(['fresh']);
    await cache.clear();
    expect(await filesIn(directory)).toEqual([]);
  });

  it('accepts only a hash as a key', async () => {
    const cache = new ResultCache({ directory });
    const outside = join(directory, 'outside');
    await writeFile(outside, 'x');
    for (const key of ['../../outside', '', 'A'.repeat(64)]) {
      expect(await cache.has(key)).toBe(false);
      const image = {
        sha256: keyOf('x'),
        byteLength: 1,
        width: 1,
        height: 1,
        mediaType: 'image/png',
        bytes: randomBytes(1),
      };
      const entry = { key, backend: 'b', model: 'm', warnings: [] };
      await expect(cache.store(entry, [image])).rejects.toMatchObject({ kind: 'invalid-request' });
    }
    expect(await filesIn(directory)).toEqual([outside]);
  });

  it('says that it cannot be written', async () => {
    const file = join(directory, 'a file');
    await writeFile(file, '');
    const cache = new ResultCache({ directory: file });
    await expect(put(cache, 'a')).rejects.toMatchObject({ kind: 'storage', outcome: 'not-submitted' });
    expect(await cache.status()).toMatchObject({ entries: 0, bytes: 0 });
    expect(await cache.has(keyOf('a'))).toBe(false);
  });

  it.each([{ maxBytes: 0 }, { maxBytes: Number.NaN }, { maxBytes: '1' as never }, { directory: ' ' }])(
    'refuses %j',
    (options) => {
      expect(() => new ResultCache(options)).toThrow(ImageError);
    },
  );
});

it.each([
  ['linux', { XDG_CACHE_HOME: '/var/cache/me' }, '/var/cache/me/holodeck'],
  ['linux', { XDG_CACHE_HOME: 'relative' }, /\.cache\/holodeck$/],
  ['linux', { HOLODECK_CACHE_DIR: ' /elsewhere ' }, '/elsewhere'],
  ['darwin', {}, /Library\/Caches\/holodeck$/],
  ['win32', { LOCALAPPDATA: '/local' }, /^\/local\/holodeck\/Cache$/],
] as const)('lies in the folder for caches of %s with %j', (platform, environment, expected) => {
  const found = cacheDirectory(environment, platform);
  if (typeof expected === 'string') expect(found).toBe(expected);
  else expect(found).toMatch(expected);
});

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  const at = bytes.indexOf(from);
  if (at < 0 || from.length !== to.length) throw new Error('The test damages nothing.');
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(to), bytes.subarray(at + from.length)]);
}
