/**
 * A signal that follows several others until it is released. `AbortSignal.any` would do, but every signal that it makes
 * stays noted in its sources, and the sources here live as long as a client or a batch of a hundred thousand tasks.
 */
export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #unlink: (() => void)[] = [];

  constructor(sources: readonly (AbortSignal | undefined)[]) {
    for (const source of sources) {
      if (source === undefined) continue;
      if (source.aborted) {
        this.abort(source.reason);
        return;
      }
      const follow = (): void => this.abort(source.reason);
      source.addEventListener('abort', follow, { once: true });
      this.#unlink.push(() => source.removeEventListener('abort', follow));
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
    this.release();
  }

  /** Stops following; the signal stays as it is. */
  release(): void {
    for (const unlink of this.#unlink.splice(0)) unlink();
  }
}
