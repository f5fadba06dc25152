/** The most that is held for all answers together, in bytes. */
const mostBytes = 16 * 1024 * 1024;

/** Answers that are on disk and have just arrived, so that the first collection does not read them back. */
export class FreshAnswers {
  readonly #answers = new Map<string, readonly Uint8Array[]>();
  #bytes = 0;

  /** Holds the chunks for one collection, unless too much is held already. */
  add(key: string, chunks: readonly Uint8Array[]): void {
    const bytes = lengthOf(chunks);
    if (this.#bytes + bytes > mostBytes) return;
    this.#answers.set(key, chunks);
    this.#bytes += bytes;
  }

  take(key: string): readonly Uint8Array[] | undefined {
    const chunks = this.#answers.get(key);
    if (chunks === undefined) return undefined;
    this.#answers.delete(key);
    this.#bytes -= lengthOf(chunks);
    return chunks;
  }

  clear(): void {
    this.#answers.clear();
    this.#bytes = 0;
  }
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}
