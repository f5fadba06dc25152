import { isUtf8 } from 'node:buffer';
import { close, closeSync, fsync, mkdirSync, openSync, renameSync, unlinkSync, writeSync, writev } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freeMemory, syncFolder } from '@holodeck/core/backend';
import { isNoSpaceError } from '@holodeck/core/stores';

const closeFile = promisify(close);
const syncFile = promisify(fsync);
const writeFile = promisify(writev);

/** Where a raw answer is kept once it is whole: a file inside the spool folder, its text with the driver, or the bytes themselves. */
export type StoredAnswer =
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'memory'; readonly chunks: readonly Uint8Array[] };

/** Bytes are gathered up to this many before a write: each write goes through another thread. */
const gatherBytes = 256 * 1024;

/** Name of a whole answer inside the spool folder. */
export function answerFileName(key: string): string {
  return `${key}.answer`;
}

/**
 * Keeps a raw answer while it arrives: `<key>.part`, made durable and renamed to `<key>.answer` by `commit`. On a full disk it
 * calls `makeRoom`. A disk that fails on the way does not lose a paid answer: the part on it is read back, and the rest is
 * kept in memory.
 */
export class AnswerSpool {
  readonly #directory: string | undefined;
  readonly #key: string;
  readonly #makeRoom: () => Promise<void>;
  /** A bare descriptor, closed by `commit` or `discard`. */
  #file: number | undefined;
  /** Not yet written; without a file, everything. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #written = 0;
  /** Why the disk is no longer used, if it is not. */
  failure: unknown;

  private constructor(
    directory: string | undefined,
    key: string,
    file: number | undefined,
    makeRoom: () => Promise<void>,
  ) {
    this.#directory = directory;
    this.#key = key;
    this.#file = file;
    this.#makeRoom = makeRoom;
  }

  /**
   * Without a folder the answer stays in memory. `makeRoom` frees space on a full disk if it can.
   * @throws the file system's error when the folder cannot be written.
   */
  static open(
    directory: string | undefined,
    key: string,
    makeRoom: () => Promise<void> = () => Promise.resolve(),
  ): AnswerSpool {
    if (directory === undefined) return new AnswerSpool(undefined, key, undefined, makeRoom);
    return new AnswerSpool(directory, key, openPart(directory, key), makeRoom);
  }

  /** Takes the chunk over: its memory is freed once it is written. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#file === undefined) return;
    if (this.#pendingBytes >= gatherBytes) await this.#flush();
  }

  /**
   * The answer is whole. A text of at most `textBytes` is returned itself: the caller makes it durable. Until then `<key>.part`
   * keeps it, should this process die.
   */
  async commit(textBytes = 0): Promise<StoredAnswer> {
    const text = this.#written === 0 && this.#pendingBytes <= textBytes ? this.#writeText() : undefined;
    if (text !== undefined) return { kind: 'text', text };
    await this.#flush();
    if (this.#file !== undefined && this.#directory !== undefined) {
      try {
        await this.#withRoom((file) => syncFile(file));
        renameSync(this.#partPath, join(this.#directory, answerFileName(this.#key)));
        closeSync(this.#file);
        this.#file = undefined;
        await syncFolder(this.#directory).catch((error: unknown) => {
          this.failure = error;
        });
        return { kind: 'file', name: answerFileName(this.#key) };
      } catch (error) {
        await this.#fallBack(error);
      }
    }
    return { kind: 'memory', chunks: this.#pending };
  }

  /** Removes the answer. */
  async discard(): Promise<void> {
    this.#pending = [];
    if (this.#file === undefined) return;
    await this.#close();
    this.#removePart();
  }

  get #partPath(): string {
    return join(this.#directory ?? '', `${this.#key}.part`);
  }

  /** Undefined where it is not a text, or the disk does not take it: then it is kept as a long answer is. */
  #writeText(): string | undefined {
    const bytes = Buffer.concat(this.#pending);
    if (this.#file === undefined || !isUtf8(bytes)) return undefined;
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at, bytes.length - at, at);
      closeSync(this.#file);
    } catch {
      return undefined;
    }
    this.#file = undefined;
    return bytes.toString('utf8');
  }

  async #flush(): Promise<void> {
    if (this.#file === undefined || this.#pendingBytes === 0) return;
    try {
      await this.#withRoom((file) => this.#writePending(file));
    } catch (error) {
      await this.#fallBack(error);
    }
  }

  /** What was written is no longer pending, whether or not the rest can be written. */
  async #writePending(file: number): Promise<void> {
    while (this.#pending.length > 0) {
      const { bytesWritten } = await writeFile(file, this.#pending, this.#written);
      this.#written += bytesWritten;
      this.#pendingBytes -= bytesWritten;
      const left = withoutFirst(this.#pending, bytesWritten);
      for (const chunk of this.#pending.slice(0, this.#pending.length - left.length)) freeMemory(chunk);
      this.#pending = left;
    }
  }

  async #withRoom(work: (file: number) => Promise<void>): Promise<void> {
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
    await this.#close();
    if (this.#written === 0) return;
    const bytes = await readFile(this.#partPath);
    this.#pending.unshift(bytes.subarray(0, this.#written));
    this.#removePart();
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) await closeFile(file).catch(() => undefined);
  }

  #removePart(): void {
    try {
      unlinkSync(this.#partPath);
    } catch {
      // Something else has removed it.
    }
  }
}

function withoutFirst(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  const rest: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (left < chunk.length) rest.push(left === 0 ? chunk : chunk.subarray(left));
    left = Math.max(0, left - chunk.length);
  }
  return rest;
}

/** The folder is missing only for the first answer, so it is made when opening the file fails. */
function openPart(directory: string, key: string): number {
  const path = join(directory, `${key}.part`);
  try {
    return openSync(path, 'w', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return openSync(path, 'w', 0o600);
  }
}
