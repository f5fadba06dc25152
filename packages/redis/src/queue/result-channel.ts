import type { GenerationResult } from '@holodeck/core';

/** A bounded channel of results from one producer to one consumer, in the order in which they settle. */
export class ResultChannel {
  readonly #width: number;
  readonly #settled: Promise<GenerationResult>[] = [];
  #open = 0;
  #state: 'open' | 'ended' | 'stopped' = 'open';
  #failure: { readonly error: unknown } | undefined;
  #change = Promise.withResolvers<void>();

  constructor(width: number) {
    this.#width = width;
  }

  /** Whether the consumer has stopped. */
  get isStopped(): boolean {
    return this.#state === 'stopped';
  }

  add(result: Promise<GenerationResult>): void {
    this.#open += 1;
    const settle = (): void => {
      this.#settled.push(result);
      this.#changed();
    };
    result.then(settle, settle);
  }

  /** Waits for room for `count` results. */
  async room(count: number): Promise<void> {
    while (this.#state === 'open' && this.#open + count > this.#width) await this.#change.promise;
  }

  /** The producer adds nothing more. */
  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#changed();
  }

  /** The producer adds nothing more, and `next` rejects. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.end();
  }

  /** The consumer takes nothing more. */
  stop(): void {
    this.#state = 'stopped';
    this.#changed();
  }

  /** The next settled result; undefined after the last. Rejects if the result does. */
  async next(): Promise<GenerationResult | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      const settled = this.#settled.shift();
      if (settled !== undefined) {
        this.#open -= 1;
        this.#changed();
        return settled;
      }
      if (this.#state !== 'open' && this.#open === 0) return undefined;
      await this.#change.promise;
    }
  }

  #changed(): void {
    const change = this.#change;
    this.#change = Promise.withResolvers<void>();
    change.resolve();
  }
}
