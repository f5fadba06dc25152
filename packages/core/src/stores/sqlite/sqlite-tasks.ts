import type { SQLInputValue } from 'node:sqlite';
import type { JobHandle } from '../../contract/index.ts';
import type { Clock } from '../../internal/clock.ts';
import type { DiskReserve } from '../disk-reserve.ts';
import type { SqliteDatabase, SqliteRow } from './sqlite-database.ts';
import { isFullError, refuseForget, toStorageError } from '../storage-error.ts';
import {
  decodeListedRow,
  decodeTaskRow,
  encodeTaskPatch,
  encodeTaskRow,
  type EncodedTaskRow,
} from '../task-row-codec.ts';
import {
  openStates,
  type RowVersion,
  type TaskFilter,
  type TaskRow,
  type TaskRowId,
  type TaskRowPatch,
  type TaskStore,
  type WriteOptions,
} from '../task-store.ts';

const whereId = 'scope = ? AND taskId = ? AND requestHash = ? AND attempt = ?';

/** A large answer has a table of its own, so that the row is small when it is written again. */
const selectRows = 'SELECT tasks.*, answer FROM tasks LEFT JOIN answers ON answers.task = tasks.id';

/** Disk space for the records of paid submissions. Each takes about 20 KB of the log until the next checkpoint. */
const reserveBytes = 1024 * 1024;

/** Rows that `list` reads at a time. */
const pageSize = 200;

/** The tasks of a SQLite store. */
export class SqliteTasks implements TaskStore {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  readonly #isOwnerAlive: (ownerId: string) => boolean;
  readonly #reserve: DiskReserve;

  /** `isOwnerAlive` is called inside transactions and may read from the database. `reserve` is on the database's disk. */
  constructor(
    database: SqliteDatabase,
    clock: Clock,
    isOwnerAlive: (ownerId: string) => boolean,
    reserve: DiskReserve,
  ) {
    this.#database = database;
    this.#clock = clock;
    this.#isOwnerAlive = isOwnerAlive;
    this.#reserve = reserve;
  }

  async begin(row: Omit<TaskRow, 'revision' | 'updatedAtMs'>, options: WriteOptions = {}): Promise<boolean> {
    if (options.durable === true) await this.#holdReserve();
    const encoded = encodeTaskRow(row, this.#clock.now());
    const values = Object.values(encoded) as SQLInputValue[];
    const sql = `INSERT INTO tasks (${Object.keys(encoded).join(', ')}) VALUES (${marks(values)})
      ON CONFLICT (scope, taskId, requestHash, attempt) DO NOTHING`;
    return this.#database.write(() => this.#database.run(sql, ...values) === 1, options);
  }

  async update(
    id: TaskRowId,
    revision: number,
    patch: TaskRowPatch,
    options: WriteOptions = {},
  ): Promise<RowVersion | undefined> {
    const updatedAtMs = this.#clock.now();
    const { answer, ...claim } = patch.handle ?? {};
    const changes = {
      ...encodeTaskPatch(answer === undefined ? patch : { ...patch, handle: claim as JobHandle }),
      updatedAtMs,
    };
    const assignments = Object.keys(changes).map((name) => `${name} = ?`);
    const sql = `UPDATE tasks SET ${assignments.join(', ')}, revision = revision + 1
      WHERE ${whereId} AND revision = ?`;
    const values = [...Object.values(changes), ...idValues(id), revision];
    const write = (): Promise<boolean> =>
      this.#database.write(() => {
        const isWritten = this.#database.run(sql, ...values) === 1;
        if (isWritten && patch.handle !== undefined) this.#writeAnswer(id, answer);
        return isWritten;
      }, options);
    // Only what was already sent may use the reserve.
    const mayUseReserve = patch.state !== 'submitting';
    const isWritten = await write().catch(async (error: unknown) => {
      if (!mayUseReserve || !isFullError(error)) throw error;
      await this.#reserve.giveUp();
      return write();
    });
    return isWritten ? { revision: revision + 1, updatedAtMs } : undefined;
  }

  async get(id: TaskRowId): Promise<TaskRow | undefined> {
    const sql = `${selectRows} WHERE ${whereId}`;
    return decode(await this.#database.read(() => this.#database.first(sql, ...idValues(id))));
  }

  async latest(scope: string, taskId: string, requestHash: string): Promise<TaskRow | undefined> {
    const sql = `${selectRows} WHERE scope = ? AND taskId = ? AND requestHash = ?
      ORDER BY attempt DESC LIMIT 1`;
    return decode(await this.#database.read(() => this.#database.first(sql, scope, taskId, requestHash)));
  }

  async countPaid(scope: string, taskId: string, requestHash?: string): Promise<number> {
    const sql = `SELECT count(*) AS paid FROM tasks
      WHERE scope = ? AND taskId = ? AND requestHash = coalesce(?, requestHash) AND paid = 1`;
    const row = await this.#database.read(() => this.#database.first(sql, scope, taskId, requestHash ?? null));
    return Number(row?.['paid'] ?? 0);
  }

  async *list(filter: TaskFilter = {}): AsyncIterable<TaskRow> {
    const { conditions, values } = filterConditions(filter);
    const sql = `${selectRows} WHERE ${['id > ?', ...conditions].join(' AND ')}
      ORDER BY id LIMIT ${pageSize}`;
    let lastId = 0;
    for (;;) {
      const page: SqliteRow[] = await this.#database.read(() => this.#database.all(sql, lastId, ...values));
      for (const row of page) {
        lastId = Number(row['id']);
        const decoded = decodeListedRow(row as unknown as EncodedTaskRow, filter);
        if (decoded !== undefined) yield withAnswer(decoded, row);
      }
      if (page.length < pageSize) return;
    }
  }

  async forget(scope: string, taskId: string): Promise<number> {
    return this.#database.write(() => {
      const openRows = this.#database.all(
        `SELECT DISTINCT owner FROM tasks
          WHERE scope = ? AND taskId = ? AND owner IS NOT NULL AND state IN (${marks(openStates)})`,
        scope,
        taskId,
        ...openStates,
      );
      for (const { owner } of openRows) {
        if (this.#isOwnerAlive(String(owner))) throw refuseForget(taskId, String(owner));
      }
      return this.#database.run('DELETE FROM tasks WHERE scope = ? AND taskId = ?', scope, taskId);
    });
  }

  async forgetDone(tasks: readonly Pick<TaskRowId, 'scope' | 'taskId'>[], beforeMs: number): Promise<number> {
    const sql = `DELETE FROM tasks WHERE scope = ? AND taskId = ? AND NOT EXISTS (SELECT 1 FROM tasks AS other
      WHERE other.scope = ? AND other.taskId = ? AND (other.state <> 'done' OR other.updatedAtMs >= ?))`;
    const removed = await this.#database.write(() => {
      let rows = 0;
      for (const { scope, taskId } of tasks) rows += this.#database.run(sql, scope, taskId, scope, taskId, beforeMs);
      return rows;
    });
    if (removed > 0) await this.#database.shrink();
    return removed;
  }

  #writeAnswer(id: TaskRowId, answer: string | undefined): void {
    const whichTask = `SELECT id FROM tasks WHERE ${whereId}`;
    if (answer === undefined) {
      this.#database.run(`DELETE FROM answers WHERE task = (${whichTask})`, ...idValues(id));
    } else {
      const sql = `INSERT OR REPLACE INTO answers (task, answer) VALUES ((${whichTask}), ?)`;
      this.#database.run(sql, ...idValues(id), answer);
    }
  }

  async #holdReserve(): Promise<void> {
    try {
      await this.#reserve.hold(reserveBytes);
    } catch (error) {
      throw toStorageError(error, this.#database.file);
    }
  }
}

function filterConditions(filter: TaskFilter): { conditions: string[]; values: SQLInputValue[] } {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  for (const name of ['scope', 'taskId', 'backend'] as const) {
    const value = filter[name];
    if (value === undefined) continue;
    conditions.push(`${name} = ?`);
    values.push(value);
  }
  if (filter.states !== undefined) {
    conditions.push(`state IN (${marks(filter.states)})`);
    values.push(...filter.states);
    // Repeats the condition of the index, which SQLite cannot derive from the list.
    if (!filter.states.includes('done')) conditions.push("state <> 'done'");
  }
  if (filter.latestOnly === true) {
    conditions.push(`NOT EXISTS (SELECT 1 FROM tasks AS later WHERE later.scope = tasks.scope
      AND later.taskId = tasks.taskId AND later.requestHash = tasks.requestHash AND later.attempt > tasks.attempt)`);
  }
  return { conditions, values };
}

function idValues(id: TaskRowId): SQLInputValue[] {
  return [id.scope, id.taskId, id.requestHash, id.attempt];
}

function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}

function decode(row: SqliteRow | undefined): TaskRow | undefined {
  return row === undefined ? undefined : withAnswer(decodeTaskRow(row as unknown as EncodedTaskRow), row);
}

function withAnswer(row: TaskRow, { answer }: SqliteRow): TaskRow {
  if (typeof answer !== 'string' || row.handle === undefined) return row;
  return { ...row, handle: { ...row.handle, answer } };
}
