import type { Clock } from '../../internal/clock.ts';

/** Who has not asked again for this long has left the line, in milliseconds. */
const staleMs = 3_000;

interface Place {
  askedAtMs: number;
  /** The permits that the owner waits for. */
  readonly keys: Set<string>;
}

/** The owners of one process that wait for permits, each lane's in the order in which they began to; see `WaitingLine`. */
export class MemoryLine {
  readonly #clock: Clock;
  readonly #lanes = new Map<string, Map<string, Place>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many other owners come before this one. */
  ahead(lane: string, owner: string): number {
    const line = this.#lanes.get(lane);
    if (line === undefined) return 0;
    const now = this.#clock.monotonic();
    let ahead = 0;
    for (const [other, { askedAtMs }] of line) {
      if (other === owner) break;
      if (now - askedAtMs > staleMs) line.delete(other);
      else ahead += 1;
    }
    return ahead;
  }

  /** The owner takes a place at the end, or keeps the one that it has. */
  refused(lane: string, key: string, owner: string): void {
    const line = this.#lanes.get(lane) ?? new Map<string, Place>();
    this.#lanes.set(lane, line);
    const place = line.get(owner) ?? { askedAtMs: 0, keys: new Set<string>() };
    place.askedAtMs = this.#clock.monotonic();
    place.keys.add(key);
    line.set(owner, place);
  }

  /** The owner got one permit: with what else it waits for it stands at the end again, once it asks. */
  granted(lane: string, owner: string): void {
    this.#remove(lane, owner);
  }

  /** Whoever waited for this permit gives it up, and its place, unless it waits for another. @returns Whether anybody did. */
  leave(lane: string, key: string): boolean {
    for (const [owner, { keys }] of this.#lanes.get(lane) ?? []) {
      if (!keys.delete(key)) continue;
      if (keys.size === 0) this.#remove(lane, owner);
      return true;
    }
    return false;
  }

  #remove(lane: string, owner: string): void {
    const line = this.#lanes.get(lane);
    line?.delete(owner);
    if (line?.size === 0) this.#lanes.delete(lane);
  }
}
