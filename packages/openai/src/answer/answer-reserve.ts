import { DiskReserve } from '@holodeck/core/stores';
import type { ImageSize } from '@holodeck/core/backend';

/** The most that is kept for all answers together, in bytes. */
const mostBytes = 64 * 1024 * 1024;

/** No PNG without alpha is larger than its pixels (3 bytes each), and base64 makes 4 bytes of 3. */
const bytesPerPixel = 4;

/** How long the space is kept for the next answer when none is expected, in milliseconds. */
const idleMs = 10_000;

/** Reserves disk space for the answers that are expected: a full disk must not lose a paid one. */
export class AnswerReserve {
  readonly #disk: DiskReserve;
  #wanted = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(directory: string) {
    this.#disk = new DiskReserve(directory);
  }

  /**
   * Reserves space for one more answer with so many pictures. Call the returned function when the answer is kept, or will not
   * come. @throws the file system's error where there is no space.
   */
  async enter({ width, height }: ImageSize, pictures: number): Promise<() => void> {
    const bytes = width * height * bytesPerPixel * pictures;
    this.#wanted += bytes;
    clearTimeout(this.#idle);
    try {
      await this.#disk.hold(Math.min(this.#wanted, mostBytes));
    } catch (error) {
      this.#leave(bytes);
      throw error;
    }
    return () => this.#leave(bytes);
  }

  /** Frees the space, so that the answers themselves can use it. */
  async giveUp(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#disk.giveUp();
  }

  #leave(bytes: number): void {
    this.#wanted -= bytes;
    if (this.#wanted === 0) this.#idle = setTimeout(() => void this.giveUp(), idleMs).unref();
  }
}

/** One reserve for each spool folder. */
export class AnswerReserves {
  readonly #reserves = new Map<string, AnswerReserve>();

  /** Undefined where answers are kept in memory. */
  for(directory: string | undefined): AnswerReserve | undefined {
    if (directory === undefined) return undefined;
    const reserve = this.#reserves.get(directory) ?? new AnswerReserve(directory);
    this.#reserves.set(directory, reserve);
    return reserve;
  }

  async close(): Promise<void> {
    for (const reserve of this.#reserves.values()) await reserve.giveUp();
  }
}
