/**
 * Numbers equal tasks of one client from 0. So the same task twice makes two images, but the same command again makes none. A
 * failed task frees its number, because repeating it is the same task.
 */
export class Ordinals {
  // Keyed by 52 bits of the hash: a collision only costs a different default task id. `true` = just ordinal 0 is taken.
  readonly #taken = new Map<number, Set<number> | true>();

  take(hash: string): number {
    const key = keyOf(hash);
    const taken = this.#taken.get(key);
    if (taken === undefined) {
      this.#taken.set(key, true);
      return 0;
    }
    const set = taken === true ? new Set([0]) : taken;
    let ordinal = 0;
    while (set.has(ordinal)) ordinal += 1;
    set.add(ordinal);
    this.#taken.set(key, set);
    return ordinal;
  }

  free(hash: string, ordinal: number): void {
    const key = keyOf(hash);
    const taken = this.#taken.get(key);
    if (taken === true && ordinal === 0) this.#taken.delete(key);
    else if (taken instanceof Set) {
      taken.delete(ordinal);
      if (taken.size === 0) this.#taken.delete(key);
    }
  }
}

function keyOf(hash: string): number {
  return Number.parseInt(hash.slice(0, 13), 16);
}
