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
 * Space on the disk of a folder that is kept for what has been paid for. It is taken before anything is sent: a disk without
 * it is found out then. When the disk becomes full while something is on the wire, `giveUp` frees the space for the answer.
 *
 * The space belongs to a file that is removed as soon as it is open, so that no process, however it ends, leaves it behind.
 */
export class DiskReserve {
  readonly #directory: string;
  /** A bare descriptor: a `FileHandle` that nobody closes is an error, but here the end of the process closes it as well. */
  #file: number | undefined;
  /** Its name, where the system does not let an open file lose it. */
  #path: string | undefined;
  #bytes = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Keeps at least this many bytes. @throws the system's error (`ENOSPC`, `EDQUOT`) where there are fewer; then none are kept. */
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

  /** Frees the space for something that is paid for. */
  async giveUp(): Promise<void> {
    await this.#inTurn(() => this.#free());
  }

  async #grow(bytes: number): Promise<void> {
    this.#file ??= await this.#open();
    // Random, because file systems that compress would keep no space for zeros.
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

/** What `fsync` of a folder answers where there is no such call: fsync(2), and file systems over a network or FUSE. */
const noFolderSync: ReadonlySet<string | undefined> = new Set(['EINVAL', 'EBADF', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Whether an error says that this file system cannot make a folder durable: renames in it are as safe as they get. */
export function isNoFolderSyncError(error: unknown): boolean {
  return noFolderSync.has((error as NodeJS.ErrnoException | undefined)?.code);
}

/** Whether an error of the file system says that there is no room left, for the disk or for this user. */
export function isNoSpaceError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
