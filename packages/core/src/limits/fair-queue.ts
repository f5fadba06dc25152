/** How one waiting task is ordered. */
export interface FairQueueOptions {
  /** Higher first. Default 0. */
  readonly priority?: number | undefined;
  /** The task's session. Default: one scope for all. */
  readonly scope?: string | undefined;
  readonly id?: string | undefined;
}

type Run = () => Promise<unknown>;

interface Entry {
  readonly run: Run;
  readonly scope: string;
  readonly id: string | undefined;
}

/**
 * The waiting tasks of a lane, as p-queue takes them: by priority, then scopes (sessions) in turn, then first come, first
 * served. So a session of a few images does not wait for hundreds of another session.
 */
export class FairQueue {
  /** For each priority, its scopes in the order of their turns. */
  readonly #levels = new Map<number, Map<string, Line>>();
  #priorities: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  enqueue(run: Run, options: FairQueueOptions = {}): void {
    const { priority = 0, scope = '', id } = options;
    let level = this.#levels.get(priority);
    if (level === undefined) {
      level = new Map();
      this.#levels.set(priority, level);
      this.#priorities = [...this.#levels.keys()].toSorted((a, b) => b - a);
    }
    const line = level.get(scope) ?? new Line();
    line.entries.push({ run, scope, id });
    level.set(scope, line);
    this.#size += 1;
  }

  dequeue(): Run | undefined {
    const level = this.#levels.get(this.#priorities[0] ?? 0);
    const turn = level?.entries().next().value;
    if (level === undefined || turn === undefined) return undefined;
    const [scope, line] = turn;
    const entry = line.shift();
    this.#size -= 1;
    // The scope goes to the end.
    level.delete(scope);
    if (line.size > 0) level.set(scope, line);
    this.#tidy(this.#priorities[0] as number, level);
    return entry.run;
  }

  filter({ priority = 0 }: FairQueueOptions): Run[] {
    const level = this.#levels.get(priority);
    return [...(level?.values() ?? [])].flatMap((line) => line.waiting.map(({ run }) => run));
  }

  setPriority(id: string, priority: number): void {
    const found = this.#find((entry) => entry.id === id);
    if (found === undefined) throw new ReferenceError(`No waiting task has the id "${id}".`);
    if (found.priority === priority) return;
    this.#take(found.priority, found.entry);
    this.enqueue(found.entry.run, { priority, scope: found.entry.scope, id });
  }

  remove(idOrRun: string | Run): void {
    const found = this.#find(({ id, run }) => (typeof idOrRun === 'string' ? id : run) === idOrRun);
    if (found !== undefined) this.#take(found.priority, found.entry);
  }

  #find(matches: (entry: Entry) => boolean): { readonly priority: number; readonly entry: Entry } | undefined {
    for (const [priority, level] of this.#levels) {
      for (const line of level.values()) {
        const entry = line.find(matches);
        if (entry !== undefined) return { priority, entry };
      }
    }
    return undefined;
  }

  #take(priority: number, entry: Entry): void {
    const level = this.#levels.get(priority);
    const line = level?.get(entry.scope);
    if (level === undefined || line === undefined) return;
    line.remove(entry);
    this.#size -= 1;
    if (line.size === 0) level.delete(entry.scope);
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
  readonly entries: Entry[] = [];
  #served = 0;

  get size(): number {
    return this.entries.length - this.#served;
  }

  get waiting(): readonly Entry[] {
    return this.entries.slice(this.#served);
  }

  find(matches: (entry: Entry) => boolean): Entry | undefined {
    for (let index = this.#served; index < this.entries.length; index += 1) {
      const entry = this.entries[index] as Entry;
      if (matches(entry)) return entry;
    }
    return undefined;
  }

  shift(): Entry {
    const entry = this.entries[this.#served] as Entry;
    this.#served += 1;
    if (this.#served > 64 && this.#served * 2 > this.entries.length) {
      this.entries.splice(0, this.#served);
      this.#served = 0;
    }
    return entry;
  }

  remove(entry: Entry): void {
    this.entries.splice(this.entries.indexOf(entry, this.#served), 1);
  }
}
