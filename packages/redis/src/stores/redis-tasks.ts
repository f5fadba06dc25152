import { randomUUID } from 'node:crypto';
import {
  openStates,
  type RowVersion,
  type TaskFilter,
  type TaskRow,
  type TaskRowId,
  type TaskRowPatch,
  type TaskStore,
} from '@holodeck/core/stores';
import {
  decodeListedRow,
  encodeTaskPatch,
  encodeTaskRow,
  matchesTaskFilter,
  refuseForget,
} from '@holodeck/core/stores';
import type { RedisConnection, RedisReply } from '../connection/redis-connection.ts';
import type { LuaScript } from '../scripts/lua-script.ts';
import {
  beginTask,
  forgetTask,
  getTask,
  latestTask,
  listTasks,
  ownersOfTask,
  paidOfTask,
  updateTask,
} from '../scripts/task-scripts.ts';
import { encodedRowOf, fieldsOf, memberOf, rowOf, taskKeyOf } from './redis-rows.ts';

/** Rows that `list` reads at a time. */
const pageSize = 200;

/** Rows of a task: field, revision, state, owner. */
type OwnedRows = readonly (readonly [string, string, string, string])[];

/** The tasks of a Redis store. A write resolves after it reached the server's log; `appendfsync` decides about the disk. */
export class RedisTasks implements TaskStore {
  readonly #connection: RedisConnection;
  readonly #base: string;
  readonly #isOwnerAlive: (ownerId: string) => Promise<boolean>;

  constructor(connection: RedisConnection, isOwnerAlive: (ownerId: string) => Promise<boolean>) {
    this.#connection = connection;
    this.#base = `${connection.prefix}:tasks`;
    this.#isOwnerAlive = isOwnerAlive;
  }

  async begin(row: Omit<TaskRow, 'revision' | 'updatedAtMs'>): Promise<boolean> {
    const encoded = encodeTaskRow(row, 0);
    const { revision: _revision, updatedAtMs: _updatedAtMs, ...columns } = encoded;
    const head = [memberOf(row), encoded.state, encoded.scope, encoded.paid, randomUUID()];
    return (await this.#run(beginTask, [...head, ...fieldsOf(columns)])) === 1;
  }

  async update(id: TaskRowId, revision: number, patch: TaskRowPatch): Promise<RowVersion | undefined> {
    const changes = encodeTaskPatch(patch);
    const set = fieldsOf(changes);
    const removed = Object.entries(changes).flatMap(([name, value]) => (value === null ? [name] : []));
    const head = [memberOf(id), revision, randomUUID(), changes.paid ?? '', changes.state ?? '', set.length];
    const version = (await this.#run(updateTask, [...head, ...set, ...removed])) as readonly [string, string] | null;
    return version === null ? undefined : { revision: Number(version[0]), updatedAtMs: Number(version[1]) };
  }

  async get(id: TaskRowId): Promise<TaskRow | undefined> {
    return rowOf(await this.#run(getTask, [memberOf(id)]));
  }

  async latest(scope: string, taskId: string, requestHash: string): Promise<TaskRow | undefined> {
    return rowOf(await this.#run(latestTask, [taskKeyOf(scope, taskId), requestHash]));
  }

  async countPaid(scope: string, taskId: string, requestHash?: string): Promise<number> {
    const reply = (await this.#run(paidOfTask, [taskKeyOf(scope, taskId)])) as readonly string[];
    let paid = 0;
    for (let index = 0; index < reply.length; index += 2) {
      const hash = reply[index]?.split('/')[0];
      if (reply[index + 1] === '1' && (requestHash === undefined || hash === requestHash)) paid += 1;
    }
    return paid;
  }

  async *list(filter: TaskFilter = {}): AsyncIterable<TaskRow> {
    const indexes = indexesOf(filter);
    let last = '0';
    for (;;) {
      const args = [last, pageSize, filter.latestOnly === true ? 1 : 0, ...indexes];
      const page = (await this.#run(listTasks, args)) as readonly (readonly [string, RedisReply])[];
      for (const [number, reply] of page) {
        last = number;
        const row = encodedRowOf(reply);
        if (row === undefined || !matchesTaskFilter(row, filter)) continue;
        const decoded = decodeListedRow(row, filter);
        if (decoded !== undefined) yield decoded;
      }
      if (page.length < pageSize) return;
    }
  }

  async forget(scope: string, taskId: string): Promise<number> {
    const taskKey = taskKeyOf(scope, taskId);
    for (;;) {
      const rows = await this.#owners(taskKey);
      for (const [, , state, owner] of rows) {
        if (owner === '' || !(openStates as readonly string[]).includes(state)) continue;
        if (await this.#isOwnerAlive(owner)) throw refuseForget(taskId, owner);
      }
      const removed = await this.#forget(taskKey, rows);
      // Another process wrote meanwhile, so check the owners again.
      if (removed !== -1) return removed;
    }
  }

  async forgetDone(tasks: readonly Pick<TaskRowId, 'scope' | 'taskId'>[], beforeMs: number): Promise<number> {
    let removed = 0;
    for (const { scope, taskId } of tasks) {
      const taskKey = taskKeyOf(scope, taskId);
      // Before the times of the rows: one that is written later has another revision, and nothing is removed.
      const rows = await this.#owners(taskKey);
      if (rows.length === 0 || rows.some(([, , state]) => state !== 'done')) continue;
      const times = await Promise.all(rows.map(([field]) => this.#updatedAtMs(`${taskKey}/${field}`)));
      if (times.some((time) => !(time < beforeMs))) continue;
      removed += Math.max(0, await this.#forget(taskKey, rows));
    }
    return removed;
  }

  async #updatedAtMs(member: string): Promise<number> {
    return rowOf(await this.#run(getTask, [member]))?.updatedAtMs ?? Number.NaN;
  }

  async #owners(taskKey: string): Promise<OwnedRows> {
    return (await this.#run(ownersOfTask, [taskKey])) as OwnedRows;
  }

  /** -1, and nothing removed, if another process wrote since the rows were read. */
  async #forget(taskKey: string, rows: OwnedRows): Promise<number> {
    return Number(await this.#run(forgetTask, [taskKey, ...rows.flatMap(([field, revision]) => [field, revision])]));
  }

  async #run(script: LuaScript, args: readonly (string | number)[]): Promise<RedisReply> {
    return this.#connection.run(script, [this.#base], args);
  }
}

/** The shortest indexes that cover a filter: most rows of a store are done, and many scopes are small. */
function indexesOf({ scope, states }: TaskFilter): readonly string[] {
  if (states !== undefined && (scope === undefined || !states.includes('done'))) {
    return [...new Set(states)].map((state) => `state:${state}`);
  }
  return [scope === undefined ? 'rows' : `scope:${scope}`];
}
