import { ImageError } from '@holodeck/core';
import { keepAnswer, makePrivateDirectory } from '@holodeck/core/backend';
import type { ImageWarning } from '@holodeck/core';
import type { JobHandle } from '@holodeck/core/backend';
import { DiskReserve, isNoSpaceError } from '@holodeck/core/stores';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { say } from './hunyuan-messages.ts';
import { backendName } from './hunyuan-options.ts';

/** How many answers are held where there is no folder: more than an account draws at once. */
const maxHeld = 1000;

/** Disk space for the answers that are expected: each has some kilobytes. */
const reserveBytes = 1024 * 1024;

/** Answers that bring pictures, kept until their pictures are fetched: in the driver's folder, or in memory without one. */
export class KeptAnswers {
  readonly #held = new Map<string, string>();
  readonly #reserves = new Map<string, DiskReserve>();

  /**
   * Reserves space in the folder, so that a disk that fills up while a request is on the wire does not lose its answer.
   * @throws {ImageError} kind `storage`, outcome `not-submitted`, when nothing can be kept in the folder.
   */
  async prepare(folder: string | undefined): Promise<void> {
    if (folder === undefined) return;
    try {
      await makePrivateDirectory(folder);
      await this.#reserveOf(folder).hold(reserveBytes);
    } catch (error) {
      const said = say('answer-folder', { folder, code: codeOf(error) });
      throw new ImageError({ kind: 'storage', outcome: 'not-submitted', backend: backendName, ...said, cause: error });
    }
  }

  /** On disk when it resolves; the warning says that the disk failed and the answer is in memory only. */
  async keep(folder: string | undefined, key: string, answer: string, host: string): Promise<ImageWarning | undefined> {
    try {
      if (folder === undefined) this.#hold(key, answer);
      else await this.#write(folder, key, answer);
      return undefined;
    } catch (error) {
      this.#hold(key, answer);
      return { code: 'storage', ...say('answer-in-memory', { host, code: codeOf(error) }) };
    }
  }

  async has(folder: string | undefined, key: string): Promise<boolean> {
    if (this.#held.has(key)) return true;
    return (
      folder !== undefined &&
      (await readFile(fileOf(folder, key)).then(
        () => true,
        () => false,
      ))
    );
  }

  /** @throws {ImageError} kind `storage`: `lost` when it is gone, else `accepted`. */
  async read(folder: string | undefined, handle: JobHandle): Promise<string> {
    const { key, jobId: job } = handle;
    const held = this.#held.get(key);
    if (held !== undefined) return held;
    try {
      if (folder !== undefined) return await readFile(fileOf(folder, key), 'utf8');
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'ENOENT') throw failure('accepted', handle, say('answer-unreadable', { job, code }), error);
    }
    throw failure('lost', handle, say('answer-gone', { job }));
  }

  /** The pictures are fetched. */
  release({ key }: JobHandle): void {
    this.#held.delete(key);
  }

  /** Frees the reserved space. */
  async close(): Promise<void> {
    for (const reserve of this.#reserves.values()) await reserve.giveUp();
  }

  async #write(folder: string, key: string, answer: string): Promise<void> {
    try {
      await keepAnswer(folder, key, answer);
    } catch (error) {
      if (!isNoSpaceError(error)) throw error;
      await this.#reserveOf(folder).giveUp();
      await keepAnswer(folder, key, answer);
    }
  }

  #reserveOf(folder: string): DiskReserve {
    const reserve = this.#reserves.get(folder) ?? new DiskReserve(folder);
    this.#reserves.set(folder, reserve);
    return reserve;
  }

  #hold(key: string, answer: string): void {
    this.#held.set(key, answer);
    const [oldest] = this.#held.keys();
    if (this.#held.size > maxHeld && oldest !== undefined) this.#held.delete(oldest);
  }
}

function fileOf(folder: string, key: string): string {
  return join(folder, `${key}.answer`);
}

function failure(
  outcome: 'lost' | 'accepted',
  handle: JobHandle,
  said: ReturnType<typeof say>,
  cause?: unknown,
): ImageError {
  return new ImageError({ kind: 'storage', outcome, backend: backendName, handle, ...said, cause });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
