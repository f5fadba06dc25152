import { close, closeSync, fsync, openSync, unlinkSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';

const closeFile = promisify(close);
const syncFile = promisify(fsync);
const writeFile = promisify(write);

/** Small chunks are collected up to this many bytes, because an asynchronous write needs another thread. */
const stageBytes = 256 * 1024;
/** A file up to this size is written synchronously into the system's cache, which is faster. */
const smallBytes = 64 * 1024;
/** Buffers for the next files. */
const freeStages: Buffer[] = [];
const mostFreeStages = 4;

/**
 * A new file that is written from start to end. Slow calls (large writes, sync) run off the event loop, fast ones on it. Calls take
 * effect in order: a file that is removed during a write is closed after it, because its descriptor may be reused at once.
 */
export class StagedFile {
  readonly #path: string;
  readonly #descriptor: number;
  #stage: Buffer | undefined;
  #staged = 0;
  #isOpen = true;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws the file system's error. */
  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'w');
  }

  /** Copies or writes the chunk before it resolves. Rejects once the file is finished or removed. */
  async write(chunk: Uint8Array): Promise<void> {
    await this.#inTurn(async () => {
      this.#assertOpen();
      if (this.#staged + chunk.byteLength > stageBytes) await this.#flush();
      if (chunk.byteLength > stageBytes) {
        await this.#writeAll(chunk);
        return;
      }
      this.#stage ??= freeStages.pop() ?? Buffer.allocUnsafeSlow(stageBytes);
      this.#stage.set(chunk, this.#staged);
      this.#staged += chunk.byteLength;
    });
  }

  /** Resolves when everything is on the disk. Rejects once the file is removed. */
  async finish(): Promise<void> {
    await this.#inTurn(async () => {
      this.#assertOpen();
      if (this.#stage !== undefined && this.#staged <= smallBytes) {
        for (let at = 0; at < this.#staged;) at += writeSync(this.#descriptor, this.#stage, at, this.#staged - at);
        this.#staged = 0;
      } else await this.#flush();
      await syncFile(this.#descriptor);
      this.#giveBackStage();
      this.#isOpen = false;
      closeSync(this.#descriptor);
    });
  }

  /** Closes and removes the file. Harmless to repeat, and after `finish`. */
  async remove(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#isOpen) {
        this.#isOpen = false;
        this.#giveBackStage();
        await closeFile(this.#descriptor).catch(() => undefined);
      }
      try {
        unlinkSync(this.#path);
      } catch {
        // It is gone already.
      }
    });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    await done;
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new Error('The file is closed; nothing can be written to it.');
  }

  async #flush(): Promise<void> {
    if (this.#stage === undefined || this.#staged === 0) return;
    await this.#writeAll(this.#stage.subarray(0, this.#staged));
    this.#staged = 0;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.byteLength) {
      at += (await writeFile(this.#descriptor, bytes, at, bytes.byteLength - at, null)).bytesWritten;
    }
  }

  #giveBackStage(): void {
    if (this.#stage !== undefined && freeStages.length < mostFreeStages) freeStages.push(this.#stage);
    this.#stage = undefined;
    this.#staged = 0;
  }
}
