import type { Clock } from '../../internal/clock.ts';
import { refuseForget } from '../storage-error.ts';
import {
  decodeTaskRow,
  encodeTaskPatch,
  encodeTaskRow,
  matchesTaskFilter,
  type EncodedTaskRow,
} from '../task-row-codec.ts';
import {
  openStates,
  type RowVersion,
  type TaskFilter,
  type TaskRow,
  type TaskRowId,
  type TaskRowPatch,
  type TaskState,
  type TaskStore,
} from '../task-store.ts';

/** States in which a row may be dropped. Not `unknown`: it prevents paying twice. */
const droppableStates: ReadonlySet<string> = new Set<TaskState>(['done', 'rejected', 'failed', 'lost', 'cancelled']);

/** Keeps rows encoded: small, and the same as on disk. */
export class MemoryTasks implements TaskStore {
  readonly #clock: Clock;
  readonly #isOwnerAlive: (ownerId: string) => boolean;
  readonly #maxSettledRows: number;
  /** In order of creation. */
  readonly #rows = new Map<string, EncodedTaskRow>();
  /** Keys of `#rows` by scope and task. */
  readonly #byTask = new Map<string, Set<string>>();
  /** Keys of rows that may be dropped, oldest first. */
  readonly #settled = new Set<string>();

  constructor(clock: Clock, maxSettledRows: number, isOwnerAlive: (ownerId: string) => boolean) {
    this.#clock = clock;
    this.#maxSettledRows = maxSettledRows;
    this.#isOwnerAlive = isOwnerAlive;
  }

  async begin(row: Omit<TaskRow, 'revision' | 'updatedAtMs'>): Promise<boolean> {
    const key = rowKey(row);
    if (this.#rows.has(key)) return false;
    this.#put(key, encodeTaskRow(row, this.#clock.now()));
    const task = taskKey(row.scope, row.taskId);
    const keys = this.#byTask.get(task);
    if (keys === undefined) this.#byTask.set(task, new Set([key]));
    else keys.add(key);
    return true;
  }

  async update(id: TaskRowId, revision: number, patch: TaskRowPatch): Promise<RowVersion | undefined> {
    const changes = encodeTaskPatch(patch) as Partial<EncodedTaskRow>;
    const key = rowKey(id);
    const row = this.#rows.get(key);
    if (row === undefined || row.revision !== revision) return undefined;
    const next = { ...row, ...changes, updatedAtMs: this.#clock.now(), revision: revision + 1 };
    this.#put(key, next);
    return { revision: next.revision, updatedAtMs: next.updatedAtMs };
  }

  async get(id: TaskRowId): Promise<TaskRow | undefined> {
    const row = this.#rows.get(rowKey(id));
    return row === undefined ? undefined : decodeTaskRow(row);
  }

  async latest(scope: string, taskId: string, requestHash: string): Promise<TaskRow | undefined> {
    const row = this.#latest(scope, taskId, requestHash);
    return row === undefined ? undefined : decodeTaskRow(row);
  }

  async countPaid(scope: string, taskId: string, requestHash?: string): Promise<number> {
    return this.#ofTask(scope, taskId).filter(
      (row) => row.paid === 1 && (requestHash === undefined || row.requestHash === requestHash),
    ).length;
  }

  async *list(filter: TaskFilter = {}): AsyncIterable<TaskRow> {
    for (const row of this.#rows.values()) {
      if (!matchesTaskFilter(row, filter)) continue;
      if (filter.latestOnly === true && this.#latest(row.scope, row.taskId, row.requestHash) !== row) continue;
      yield decodeTaskRow(row);
    }
  }

  async forget(scope: string, taskId: string): Promise<number> {
    const rows = this.#ofTask(scope, taskId);
    for (const { owner, state } of rows) {
      if (owner === null || !(openStates as readonly string[]).includes(state)) continue;
      if (this.#isOwnerAlive(owner)) throw refuseForget(taskId, owner);
    }
    for (const row of rows) this.#delete(rowKey(row));
    return rows.length;
  }

  async forgetDone(tasks: readonly Pick<TaskRowId, 'scope' | 'taskId'>[], beforeMs: number): Promise<number> {
    let removed = 0;
    for (const { scope, taskId } of tasks) {
      const rows = this.#ofTask(scope, taskId);
      if (rows.some(({ state, updatedAtMs }) => state !== 'done' || updatedAtMs >= beforeMs)) continue;
      for (const row of rows) this.#delete(rowKey(row));
      removed += rows.length;
    }
    return removed;
  }

  #put(key: string, row: EncodedTaskRow): void {
    this.#rows.set(key, row);
    if (!droppableStates.has(row.state)) {
      this.#settled.delete(key);
      return;
    }
    this.#settled.add(key);
    for (const oldest of this.#settled) {
      if (this.#settled.size <= this.#maxSettledRows) break;
      this.#delete(oldest);
    }
  }

  #delete(key: string): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#rows.delete(key);
    this.#settled.delete(key);
    const task = taskKey(row.scope, row.taskId);
    const keys = this.#byTask.get(task);
    keys?.delete(key);
    if (keys?.size === 0) this.#byTask.delete(task);
  }

  #ofTask(scope: string, taskId: string): EncodedTaskRow[] {
    const keys = this.#byTask.get(taskKey(scope, taskId)) ?? [];
    return [...keys].map((key) => this.#rows.get(key)).filter((row) => row !== undefined);
  }

  #latest(scope: string, taskId: string, requestHash: string): EncodedTaskRow | undefined {
    let latest: EncodedTaskRow | undefined;
    for (const row of this.#ofTask(scope, taskId)) {
      if (row.requestHash === requestHash && row.attempt > (latest?.attempt ?? 0)) latest = row;
    }
    return latest;
  }
}

function taskKey(scope: string, taskId: string): string {
  return JSON.stringify([scope, taskId]);
}

function rowKey({ scope, taskId, requestHash, attempt }: TaskRowId): string {
  return JSON.stringify([scope, taskId, requestHash, attempt]);
}
