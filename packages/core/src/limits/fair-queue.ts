/** How one waiting task is ordered. */
export interface FairQueueOptions {
  /** Higher first. Default 0. */
  readonly priority?: number | undefined;
  /** The task's session. Default: one scope for all. */
  readonly scope?: string | undefined;
}

/** Begins a task. */
type Begin = () => void;

/**
 * The waiting tasks of a lane: by priority, then scopes (sessions) in turn, then first come, first served. So a session of a few
 * images does not wait for hundreds of another session.
 */
export class FairQueue {
  /** For each priority, its scopes in the order of their turns. */
  readonly #levels = new Map<number, Map<string, Line>>();
  #priorities: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  enqueue(begin: Begin, { priority = 0, scope = '' }: FairQueueOptions = {}): void {
    let level = this.#levels.get(priority);
    if (level === undefined) {
      level = new Map();
      this.#levels.set(priority, level);
      this.#priorities = [...this.#levels.keys()].toSorted((a, b) => b - a);
    }
    const line = level.get(scope) ?? new Line();
    line.entries.push(begin);
    level.set(scope, line);
    this.#size += 1;
  }

  dequeue(): Begin | undefined {
    const [priority = 0] = this.#priorities;
    const level = this.#levels.get(priority);
    const turn = level?.entries().next().value;
    if (level === undefined || turn === undefined) return undefined;
    const [scope, line] = turn;
    const begin = line.shift();
    this.#size -= 1;
    // The scope goes to the end.
    level.delete(scope);
    if (line.size > 0) level.set(scope, line);
    this.#tidy(priority, level);
    return begin;
  }

  /** Removes a task that was added with these options and no longer waits; nothing happens if it has begun. */
  remove(begin: Begin, { priority = 0, scope = '' }: FairQueueOptions = {}): void {
    const level = this.#levels.get(priority);
    const line = level?.get(scope);
    if (level === undefined || line?.remove(begin) !== true) return;
    this.#size -= 1;
    if (line.size === 0) level.delete(scope);
    this.#tidy(priority, level);
  }

  #tidy(priority: number, level: Map<string, Line>): void {
    if (level.size > 0) return;
    this.#levels.delete(priority);
    this.#priorities = this.#priorities.filter((other) => other !== priority);
  }
}

/** First come, first served. Served entries are removed in batches, so that each step stays cheap. */
class Line {
  readonly entries: Begin[] = [];
  #served = 0;

  get size(): number {
    return this.entries.length - this.#served;
  }

  shift(): Begin {
    const begin = this.entries[this.#served] as Begin;
    this.#served += 1;
    if (this.#served > 64 && this.#served * 2 > this.entries.length) {
      this.entries.splice(0, this.#served);
      this.#served = 0;
    }
    return begin;
  }

  /** @returns Whether it was there. */
  remove(begin: Begin): boolean {
    const index = this.entries.indexOf(begin, this.#served);
    if (index !== -1) this.entries.splice(index, 1);
    return index !== -1;
  }
}
