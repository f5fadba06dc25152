import type { GenerationResult } from '@holodeck/core';

/** Results in the order in which they come. */
export class ResultChannel {
  readonly #settled: Promise<GenerationResult>[] = [];
  #wake: (() => void) | undefined;
  #open = 0;

  /** Results that were added and not taken yet. */
  get open(): number {
    return this.#open;
  }

  add(result: Promise<GenerationResult>): void {
    this.#open += 1;
    const settle = (): void => {
      this.#settled.push(result);
      this.#wake?.();
    };
    result.then(settle, settle);
  }

  /** The next one that has settled; rejects where it was rejected. */
  async next(): Promise<GenerationResult> {
    while (this.#settled.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#open -= 1;
    return this.#settled.shift() as Promise<GenerationResult>;
  }
}
