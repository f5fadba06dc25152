/** Jobs that wait, run and are over. */
import type { Graph } from './graph-types.ts';

/** A job as the queue's answers show it, and what the emulator keeps of it. */
export interface Job {
  readonly number: number;
  readonly id: string;
  readonly graph: Graph;
  /** Without secrets. */
  readonly extraData: Readonly<Record<string, unknown>>;
  readonly outputs: readonly string[];
  readonly clientId: string | undefined;
}

/** What the history keeps. */
export interface HistoryEntry {
  readonly job: Job;
  readonly outputs: Record<string, unknown>;
  readonly meta: Record<string, unknown>;
  readonly statusText: 'success' | 'error';
  readonly messages: readonly (readonly [string, Record<string, unknown>])[];
}

/** The five-part tuple of `/queue` and `/history`. */
export function jobTuple(job: Job): unknown[] {
  return [job.number, job.id, job.graph, job.extraData, job.outputs];
}

const maxHistory = 10_000;

/** The server's queue: a binary heap by number, listed in heap order, and the history. */
export class JobQueue {
  /** In heap order, which is not the order of execution. */
  readonly pending: Job[] = [];
  running: Job | undefined;
  readonly history: Map<string, HistoryEntry> = new Map();

  get remaining(): number {
    return this.pending.length + (this.running === undefined ? 0 : 1);
  }

  push(job: Job): void {
    this.pending.push(job);
    let at = this.pending.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#before(parent, at)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): Job | undefined {
    const first = this.pending[0];
    const last = this.pending.pop();
    if (first === undefined || last === undefined || this.pending.length === 0) return first;
    this.pending[0] = last;
    this.#sink(0);
    return first;
  }

  /** Takes a pending job out without a trace. */
  remove(id: string): boolean {
    const index = this.pending.findIndex((job) => job.id === id);
    if (index < 0) return false;
    this.pending.splice(index, 1);
    for (let at = (this.pending.length >> 1) - 1; at >= 0; at -= 1) this.#sink(at);
    return true;
  }

  remember(entry: HistoryEntry): void {
    this.history.delete(entry.job.id);
    this.history.set(entry.job.id, entry);
    if (this.history.size > maxHistory) {
      const [oldest] = this.history.keys();
      this.history.delete(oldest!);
    }
  }

  #sink(start: number): void {
    for (let at = start; ;) {
      const left = 2 * at + 1;
      if (left >= this.pending.length) return;
      const right = left + 1;
      const child = right < this.pending.length && !this.#before(left, right) ? right : left;
      if (this.#before(at, child)) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #before(a: number, b: number): boolean {
    return (this.pending[a]?.number ?? 0) <= (this.pending[b]?.number ?? 0);
  }

  #swap(a: number, b: number): void {
    const first = this.pending[a]!;
    this.pending[a] = this.pending[b]!;
    this.pending[b] = first;
  }
}
