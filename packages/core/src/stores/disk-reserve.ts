import { randomFillSync, randomUUID } from 'node:crypto';
import { close, open, unlink, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const closeFile = promisify(close);
const openFile = promisify(open);
const removeFile = promisify(unlink);
const writeFile = promisify(write);

const blockBytes = 1024 * 1024;

/**
 * Disk space that is reserved for what has been paid for. It is taken before anything is sent, so a full disk shows then.
 * If the disk fills up while something is on the wire, `giveUp` frees the space for the answer.
 *
 * The file is unlinked as soon as it is open, so a process never leaves it behind, however it ends.
 */
export class DiskReserve {
  readonly #directory: string;
  /** A bare descriptor, because the exit of the process may close it; a `FileHandle` that is never closed is an error. */
  #file: number | undefined;
  /** Its path, where the system does not unlink open files. */
  #path: string | undefined;
  #bytes = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Reserves at least this many bytes. @throws the system's error (`ENOSPC`, `EDQUOT`) if it cannot; then it keeps none. */
  async hold(bytes: number): Promise<void> {
    if (bytes <= this.#bytes) return;
    await this.#inTurn(async () => {
      try {
        await this.#grow(bytes);
      } catch (error) {
        await this.#free();
        throw error;
      }
    });
  }

  async giveUp(): Promise<void> {
    await this.#inTurn(() => this.#free());
  }

  async #grow(bytes: number): Promise<void> {
    this.#file ??= await this.#open();
    // Random bytes: a file system that compresses would reserve nothing for zeros.
    const block = randomFillSync(Buffer.allocUnsafe(Math.min(blockBytes, Math.max(0, bytes - this.#bytes))));
    while (this.#bytes < bytes) {
      const length = Math.min(block.length, bytes - this.#bytes);
      const { bytesWritten } = await writeFile(this.#file, block, 0, length, null);
      this.#bytes += bytesWritten;
    }
  }

  async #open(): Promise<number> {
    const path = join(this.#directory, `.${randomUUID()}.reserve`);
    const file = await openFile(path, 'wx', 0o600);
    await removeFile(path).catch(() => {
      this.#path = path;
    });
    return file;
  }

  async #free(): Promise<void> {
    const [file, path] = [this.#file, this.#path];
    this.#file = this.#path = undefined;
    this.#bytes = 0;
    if (file !== undefined) await closeFile(file).catch(() => undefined);
    if (path !== undefined) await removeFile(path).catch(() => undefined);
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    await turn;
  }
}

/** Whether the disk or the user's quota is full. */
export function isNoSpaceError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
