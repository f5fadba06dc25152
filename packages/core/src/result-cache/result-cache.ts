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
/** Other processes write too: after writing this share of the bound, everything is counted again. */
const recountShare = 1 / 16;

/** What `ResultCache` takes. */
export interface ResultCacheOptions {
  /** Default: `HOLODECK_CACHE_DIR`, else the user's folder for caches (`~/.cache/holodeck`). */
  readonly directory?: string;
  /** The total size of all entries, in bytes. Default 1 GiB. */
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

/** An entry that is open for reading, even while others evict it. */
export interface OpenEntry {
  readonly header: CacheHeader;
  /** The bytes of one image, as on disk: check them by their hash. */
  read(index: number): AsyncIterable<Uint8Array>;
  /** Removes the entry because its bytes are damaged. */
  drop(): Promise<void>;
  close(): Promise<void>;
}

/** An image for an entry: its path or its bytes. */
export interface ImageToCache extends CachedImage {
  readonly path?: string;
  readonly bytes?: Uint8Array;
}

/**
 * Keeps the results of seeded requests across folders and processes, so that the same request to the same model is not paid
 * again. Opt-in: pass it to a client. Evicts the least recently used entries. Creates nothing before its first use.
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
  /** The estimated total size; undefined = never counted. */
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

  /** Whether there is an entry. Its images may still be damaged. */
  async has(key: string): Promise<boolean> {
    const entry = await this.open(key, { use: false });
    await entry?.close();
    return entry !== undefined;
  }

  /**
   * Opens an entry and marks it as used. Undefined if there is none, if it is damaged (then it is removed), or if the folder
   * cannot be read: a broken cache stops nothing.
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
      // A read-only folder still serves.
      await file.utimes(now, now).catch(() => undefined);
    }
    const { header, headerBytes } = found;
    return {
      header,
      read: (index) => readImage(file, headerBytes, header.images, index),
      drop: async () => void (await remove(path)),
      close: () => file.close(),
    };
  }

  /**
   * Stores an entry completely or not at all, and evicts the least recently used ones. Skips an entry that exceeds the bound.
   * @throws {ImageError} kind `storage` if the folder cannot be written, `invalid-request` if the key is not a SHA-256.
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

  /** @throws {ImageError} kind `storage` if the folder cannot be read. */
  async status(): Promise<ResultCacheStatus> {
    const { directory, maxBytes } = this;
    const files = await this.#list();
    return { directory, entries: files.length, bytes: sumOf(files), maxBytes };
  }

  /** Removes all entries; resolves with what was freed. @throws {ImageError} kind `storage` if the folder cannot be read. */
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
    // Wait for a count that is under way; count again only if that was not enough.
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
    // The time of the last use, from the same clock as later ones.
    await file.utimes(nowMs / 1000, nowMs / 1000);
  } finally {
    await file.close();
  }
}

/** Keys are file names, so only a hash is allowed. */
function isKey(key: string): boolean {
  return /^[0-9a-f]{64}$/.test(key);
}

function sumOf(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
