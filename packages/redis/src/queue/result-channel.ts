import type { GenerationResult } from '@holodeck/core';

/** Results in the order in which they come, from one who adds to one who takes. Those that are open are bounded. */
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

  /** Whether nobody takes results any more. */
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

  /** Waits until `count` results may be added. */
  async room(count: number): Promise<void> {
    while (this.#state === 'open' && this.#open + count > this.#width) await this.#change.promise;
  }

  /** Nothing more is added. */
  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#changed();
  }

  /** Nothing more is added, and `next` rejects. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.end();
  }

  /** Nothing more is taken. */
  stop(): void {
    this.#state = 'stopped';
    this.#changed();
  }

  /** The next one that has settled; undefined after the last. Rejects where it was rejected. */
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
