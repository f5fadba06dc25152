import type { JobHandle } from '@holodeck/core';

type Chunks = readonly Uint8Array[];

/**
 * Answers that had no disk to go to. One that has not been collected is held until it is; after that it lives as long as
 * its handle does, and the latest one longer, so that collecting again works without holding every picture ever made.
 */
export class MemoryAnswers {
  readonly #waiting = new Map<string, Chunks>();
  readonly #collected = new Map<string, WeakRef<{ readonly chunks: Chunks }>>();
  readonly #owners = new WeakMap<JobHandle, { readonly chunks: Chunks }>();
  #latest: { readonly chunks: Chunks } | undefined;

  add(handle: JobHandle, chunks: Chunks): void {
    this.#waiting.set(handle.key, chunks);
  }

  find(handle: JobHandle): Chunks | undefined {
    return this.#waiting.get(handle.key) ?? this.#collected.get(handle.key)?.deref()?.chunks;
  }

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Everything was handed over. */
  release(handle: JobHandle): void {
    const chunks = this.#waiting.get(handle.key);
    if (chunks === undefined) return;
    const held = { chunks };
    this.#waiting.delete(handle.key);
    this.#owners.set(handle, held);
    this.#latest = held;
    for (const [key, reference] of this.#collected) if (reference.deref() === undefined) this.#collected.delete(key);
    this.#collected.set(handle.key, new WeakRef(held));
  }

  clear(): void {
    this.#waiting.clear();
    this.#collected.clear();
    this.#latest = undefined;
  }
}
