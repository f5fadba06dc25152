import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isNoFolderSyncError, isNoSpaceError } from '@holodeck/core';

/** Where a raw answer is kept once it is whole: a file name inside the spool folder, or the bytes themselves. */
export type StoredAnswer =
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'memory'; readonly chunks: readonly Uint8Array[] };

/** Name of a whole answer inside the spool folder. */
export function answerFileName(key: string): string {
  return `${key}.answer`;
}

/**
 * Keeps a raw answer while it arrives: `<key>.part`, made durable and renamed to `<key>.answer` by `commit`. On a full disk
 * `makeRoom` is called. A disk that fails on the way does not lose a paid answer: what is on it is read back and the
 * rest is kept in memory.
 */
export class AnswerSpool {
  readonly #directory: string | undefined;
  readonly #key: string;
  readonly #makeRoom: () => Promise<void>;
  #file: FileHandle | undefined;
  #memory: Uint8Array[] = [];
  #written = 0;
  /** Why the disk was given up, if it was. */
  failure: unknown;

  private constructor(
    directory: string | undefined,
    key: string,
    file: FileHandle | undefined,
    makeRoom: () => Promise<void>,
  ) {
    this.#directory = directory;
    this.#key = key;
    this.#file = file;
    this.#makeRoom = makeRoom;
  }

  /**
   * No folder = memory. `makeRoom` frees space on a full disk if it can.
   * @throws the file system's error when the folder cannot be written.
   */
  static async open(
    directory: string | undefined,
    key: string,
    makeRoom: () => Promise<void> = () => Promise.resolve(),
  ): Promise<AnswerSpool> {
    if (directory === undefined) return new AnswerSpool(undefined, key, undefined, makeRoom);
    return new AnswerSpool(directory, key, await openPart(directory, key), makeRoom);
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#file === undefined) {
      this.#memory.push(chunk);
      return;
    }
    try {
      await this.#withRoom((file) => writeAll(file, chunk, this.#written));
      this.#written += chunk.length;
    } catch (error) {
      await this.#fallBack(error);
      this.#memory.push(chunk);
    }
  }

  /** The answer is whole. */
  async commit(): Promise<StoredAnswer> {
    if (this.#file !== undefined && this.#directory !== undefined) {
      try {
        await this.#withRoom((file) => file.sync());
        await rename(this.#partPath, join(this.#directory, answerFileName(this.#key)));
        await this.#file.close();
        await syncDirectory(this.#directory).catch((error: unknown) => {
          this.failure = error;
        });
        return { kind: 'file', name: answerFileName(this.#key) };
      } catch (error) {
        await this.#fallBack(error);
      }
    }
    return { kind: 'memory', chunks: this.#memory };
  }

  /** The answer is worth nothing. */
  async discard(): Promise<void> {
    this.#memory = [];
    if (this.#file === undefined) return;
    await this.#file.close().catch(() => undefined);
    await unlink(this.#partPath).catch(() => undefined);
  }

  get #partPath(): string {
    return join(this.#directory ?? '', `${this.#key}.part`);
  }

  async #withRoom(work: (file: FileHandle) => Promise<void>): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    try {
      await work(file);
    } catch (error) {
      if (!isNoSpaceError(error)) throw error;
      await this.#makeRoom();
      await work(file);
    }
  }

  /** @throws when what was written cannot be read back either. */
  async #fallBack(error: unknown): Promise<void> {
    this.failure = error;
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
    if (this.#written === 0) return;
    const bytes = await readFile(this.#partPath);
    this.#memory = [bytes.subarray(0, this.#written)];
    await unlink(this.#partPath).catch(() => undefined);
  }
}

/** The folder is there but for the first answer, so it is made only when it turns out to be missing. */
async function openPart(directory: string, key: string): Promise<FileHandle> {
  const path = join(directory, `${key}.part`);
  try {
    return await open(path, 'w', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return open(path, 'w', 0o600);
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let at = 0;
  while (at < chunk.length) at += (await file.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
}

/** The rename itself must outlive a power cut. Windows has no such call. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!isNoFolderSyncError(error)) throw error;
  } finally {
    await handle.close();
  }
}
