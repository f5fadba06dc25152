import type { JobHandle } from '@holodeck/core/backend';

/** A raw answer in pieces. */
interface Held {
  readonly key: string;
  readonly chunks: readonly Uint8Array[];
}

/**
 * Answers without a folder to be kept in. Each is held until it is collected, then as long as its handle lives, and the latest
 * one longer. So collecting again works, and old pictures are freed.
 */
export class MemoryAnswers {
  readonly #waiting = new Map<string, Held>();
  readonly #collected = new Map<string, WeakRef<Held>>();
  readonly #owners = new WeakMap<JobHandle, Held>();
  #latest: Held | undefined;

  add(handle: JobHandle, chunks: readonly Uint8Array[]): void {
    this.#waiting.set(handle.key, { key: handle.key, chunks });
  }

  find({ key }: JobHandle): readonly Uint8Array[] | undefined {
    const held =
      this.#latest?.key === key ? this.#latest : (this.#waiting.get(key) ?? this.#collected.get(key)?.deref());
    return held?.chunks;
  }

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** The answer was collected. */
  release(handle: JobHandle): void {
    const held = this.#waiting.get(handle.key);
    if (held === undefined) return;
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
