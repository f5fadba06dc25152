import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ImageError, invalidRequest } from '../contract/index.ts';
import { systemClock } from '../internal/clock.ts';
import type { Clock } from '../internal/clock.ts';
import { makePrivateDirectory } from '../files/private-directory.ts';
import { cacheDirectory } from './cache-directory.ts';
import { encodeHeader, readHeader, readImage } from './cache-entry.ts';
import type { CachedImage, CacheHeader } from './cache-entry.ts';
import { showValue } from '../internal/show-value.ts';
import { say } from './cache-messages.ts';
import { listEntries, remove, shardOf, sweepUnfinished, unfinishedFolder } from './cache-files.ts';

const defaultMaxBytes = 1024 ** 3;
/** Other processes write too: after so much of the bound has been written here, everything is counted anew. */
const recountShare = 1 / 16;

/** What `ResultCache` takes. */
export interface ResultCacheOptions {
  /** Default: `HOLODECK_CACHE_DIR`, else the user's folder for caches (`~/.cache/holodeck`). */
  readonly directory?: string;
  /** The most that all entries together take, in bytes. Default 1 GiB. */
  readonly maxBytes?: number;
  /** For tests: a clock. */
  readonly internal?: { readonly clock?: Clock };
}

/** How full a cache is. */
export interface ResultCacheStatus {
  readonly directory: string;
  readonly entries: number;
  readonly bytes: number;
  readonly maxBytes: number;
}

/** An entry that is open for reading; it stays readable while others evict it. */
export interface OpenEntry {
  readonly header: CacheHeader;
  /** The bytes of one image, as they are on disk: they prove themselves by their hash. */
  read(index: number): AsyncIterable<Uint8Array>;
  /** Removes the entry: its bytes are not what they were. */
  drop(): Promise<void>;
  close(): Promise<void>;
}

/** What an entry is made of: an image where it lies, or its bytes. */
export interface ImageToCache extends CachedImage {
  readonly path?: string;
  readonly bytes?: Uint8Array;
}

/**
 * Results of seeded requests, kept over folders and processes, so that the same request to the same model is not paid for
 * again. Opt-in: hand it to a client. Least recently used entries go first when it is full. Nothing is touched before it is used.
 *
 * ```ts
 * const client = createHunyuanClient({ outputDir: 'output', cache: new ResultCache() });
 * ```
 */
export class ResultCache {
  readonly directory: string;
  readonly maxBytes: number;
  readonly #root: string;
  readonly #clock: Clock;
  /** What is believed to be there; undefined = never counted. */
  #bytes: number | undefined;
  #writtenSinceCount = 0;
  #evicting: Promise<void> | undefined;

  /** @throws {ImageError} kind `invalid-request` for an option out of range. */
  constructor(options: ResultCacheOptions = {}) {
    const { directory, maxBytes = defaultMaxBytes, internal } = options;
    if (typeof maxBytes !== 'number' || !(maxBytes >= 1)) {
      throw invalidRequest(say('cache-bytes', { value: showValue(maxBytes), type: typeof maxBytes }));
    }
    if (directory !== undefined && (typeof directory !== 'string' || directory.trim() === '')) {
      throw invalidRequest(say('cache-directory', { value: showValue(directory) }));
    }
    this.directory = directory === undefined ? cacheDirectory(process.env) : resolve(directory);
    this.maxBytes = maxBytes;
    this.#root = join(this.directory, 'results-1');
    this.#clock = internal?.clock ?? systemClock;
  }

  /** Whether there is an entry. It may still turn out to be damaged. */
  async has(key: string): Promise<boolean> {
    const entry = await this.open(key, { use: false });
    await entry?.close();
    return entry !== undefined;
  }

  /**
   * Opens an entry and marks it as used. Undefined where there is none, where it is damaged (it is removed then), and where the
   * folder cannot be read: a cache that does not work stops nothing.
   */
  async open(key: string, { use = true }: { readonly use?: boolean } = {}): Promise<OpenEntry | undefined> {
    if (!isKey(key)) return undefined;
    const path = this.#pathOf(key);
    let file: FileHandle;
    try {
      file = await open(path, 'r');
    } catch {
      return undefined;
    }
    const found = await readHeader(file, key).catch(() => undefined);
    if (found === undefined) {
      await file.close();
      await remove(path);
      return undefined;
    }
    if (use) {
      const now = this.#clock.now() / 1000;
      // A folder that may only be read still serves.
      await file.utimes(now, now).catch(() => undefined);
    }
    const { header, headerBytes } = found;
    return {
      header,
      read: (index) => readImage(file, headerBytes, header.images, index),
      drop: async () => {
        await remove(path);
      },
      close: () => file.close(),
    };
  }

  /**
   * Stores an entry, whole or not at all, and evicts what has been used least recently until the bound is kept. An entry that is
   * larger than the bound is left out.
   * @throws {ImageError} kind `storage` when the folder cannot be written, `invalid-request` for a key that is no SHA-256.
   */
  async store(entry: Omit<CacheHeader, 'version' | 'images'>, images: readonly ImageToCache[]): Promise<void> {
    if (!isKey(entry.key)) throw invalidRequest(say('cache-key', { key: JSON.stringify(entry.key) }));
    const described = images.map(({ path: _path, bytes: _bytes, ...image }) => image);
    const [first, ...others] = described;
    if (first === undefined) return;
    const header = encodeHeader({ version: 1, ...entry, images: [first, ...others] });
    const size = header.byteLength + described.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (size > this.maxBytes) return;
    const unfinished = join(unfinishedFolder(this.#root), randomUUID());
    try {
      await makePrivateDirectory(unfinishedFolder(this.#root));
      await makePrivateDirectory(shardOf(this.#root, entry.key));
      await writeWhole(unfinished, header, images, this.#clock.now());
      await rename(unfinished, this.#pathOf(entry.key));
    } catch (error) {
      await remove(unfinished);
      throw this.#fault(error);
    }
    this.#writtenSinceCount += size;
    if (this.#bytes !== undefined) this.#bytes += size;
    if (this.#mayBeFull()) await this.#evict();
  }

  /** @throws {ImageError} kind `storage` when the folder cannot be read. */
  async status(): Promise<ResultCacheStatus> {
    const { directory, maxBytes } = this;
    const files = await this.#list();
    return { directory, entries: files.length, bytes: sumOf(files), maxBytes };
  }

  /**
   * Removes all entries; resolves with what was freed.
   * @throws {ImageError} kind `storage` when the folder cannot be read.
   */
  async clear(): Promise<{ readonly entries: number; readonly bytes: number }> {
    let entries = 0;
    let bytes = 0;
    for (const file of await this.#list()) {
      if (!(await remove(file.path))) continue;
      entries += 1;
      bytes += file.bytes;
    }
    await sweepUnfinished(this.#root, this.#clock.now(), true);
    this.#bytes = undefined;
    return { entries, bytes };
  }

  #pathOf(key: string): string {
    return join(shardOf(this.#root, key), key);
  }

  #mayBeFull(): boolean {
    return (
      this.#bytes === undefined || this.#bytes > this.maxBytes || this.#writtenSinceCount > this.maxBytes * recountShare
    );
  }

  async #list(): ReturnType<typeof listEntries> {
    try {
      return await listEntries(this.#root);
    } catch (error) {
      throw this.#fault(error);
    }
  }

  #fault(error: unknown): ImageError {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return new ImageError({
      kind: 'storage',
      outcome: 'not-submitted',
      code,
      ...say('cache-unusable', { directory: this.directory, code }),
      cause: error,
    });
  }

  async #evict(): Promise<void> {
    // Who comes while somebody counts waits, and counts again only where that was not enough.
    while (this.#evicting !== undefined) await this.#evicting;
    if (!this.#mayBeFull()) return;
    this.#evicting = this.#evictOldest().finally(() => (this.#evicting = undefined));
    await this.#evicting;
  }

  async #evictOldest(): Promise<void> {
    this.#writtenSinceCount = 0;
    const files = await this.#list();
    let bytes = sumOf(files);
    if (bytes > this.maxBytes) files.sort((a, b) => a.usedAtMs - b.usedAtMs || (a.path < b.path ? -1 : 1));
    for (const file of files) {
      if (bytes <= this.maxBytes) break;
      await remove(file.path);
      bytes -= file.bytes;
    }
    this.#bytes = bytes;
    await sweepUnfinished(this.#root, this.#clock.now());
  }
}

async function writeWhole(path: string, header: Buffer, images: readonly ImageToCache[], nowMs: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(header);
    for (const image of images) {
      if (image.path === undefined) await file.writeFile(image.bytes ?? new Uint8Array());
      else for await (const chunk of createReadStream(image.path)) await file.writeFile(chunk as Uint8Array);
    }
    // The time of the last use, by the same clock as all later ones.
    await file.utimes(nowMs / 1000, nowMs / 1000);
  } finally {
    await file.close();
  }
}

/** Keys are names of files: nothing else may be one. */
function isKey(key: string): boolean {
  return /^[0-9a-f]{64}$/.test(key);
}

function sumOf(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
