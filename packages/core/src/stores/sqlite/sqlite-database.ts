import type { DatabaseSync, StatementSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { createStorageError, isBusyError, toStorageError } from '../storage-error.ts';
import { say } from '../store-messages.ts';
import { GroupCommit } from './group-commit.ts';

export type SqliteRow = Record<string, SQLOutputValue>;

export interface SqliteDatabaseOptions {
  /** Absolute path. Its folder exists. */
  readonly file: string;
  /** Marks the file as ours (`PRAGMA application_id`), so that we never write to another program's database. */
  readonly applicationId: number;
  /** SQL from one schema version to the next; the version is the number of steps taken (`PRAGMA user_version`). */
  readonly migrations: readonly string[];
  /** How long to wait for another process's lock before the store counts as unusable. Default 10 000. */
  readonly busyTimeoutMs?: number;
}

const syncData = promisify(fdatasync);

/** `PRAGMA auto_vacuum`: free pages leave the file on request. */
const incremental = 2;

/** How long a wait for another process's lock may block the event loop; then the wait is asynchronous. */
const blockingWaitMs = 20;

/**
 * One connection to a SQLite file in WAL mode. Reads run at once and take tens of microseconds. Writes of one turn of the event loop
 * share a transaction. The sync of the log and the wait for another process's lock are asynchronous. Errors are `ImageError`s of kind
 * `storage`.
 */
export class SqliteDatabase {
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #busyTimeoutMs: number;
  readonly #writes: GroupCommit;
  /** The descriptor of the log. Undefined where the file system cannot have one: there each commit reaches the disk itself. */
  #log: number | undefined;
  #closed = false;

  private constructor(database: DatabaseSync, file: string, busyTimeoutMs: number) {
    this.#database = database;
    this.file = file;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#writes = new GroupCommit({
      file,
      busyTimeoutMs,
      retryMs: blockingWaitMs,
      run: (sql) => void this.#prepare(sql).run(),
      sync: async () => {
        if (this.#log !== undefined) await syncData(this.#log);
      },
    });
  }

  /** Opens or creates the file (mode 0600) and brings its schema up to date. */
  static async open(options: SqliteDatabaseOptions): Promise<SqliteDatabase> {
    const { file, busyTimeoutMs = 10_000 } = options;
    // Loaded on first use: programs without a store do not pay for it.
    const { DatabaseSync } = await import('node:sqlite').catch((error: unknown) => {
      throw createStorageError(say('node-without-sqlite', { version: process.versions.node }), error);
    });
    let opened: SqliteDatabase;
    try {
      createFile(file);
      opened = new SqliteDatabase(new DatabaseSync(file), file, busyTimeoutMs);
    } catch (error) {
      throw toStorageError(error, file);
    }
    try {
      const hasLog = await opened.#attempt(() => opened.#configure(options));
      await opened.write(() => opened.#migrate(options));
      if (hasLog) await opened.#attempt(() => opened.#openLog());
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  all(sql: string, ...values: SQLInputValue[]): SqliteRow[] {
    return this.#prepare(sql).all(...values);
  }

  first(sql: string, ...values: SQLInputValue[]): SqliteRow | undefined {
    // Not `get`: it leaves the statement before its end, which would swallow an error of the commit.
    return this.all(sql, ...values)[0];
  }

  /** Runs a statement; returns how many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  async read<Result>(work: () => Result): Promise<Result> {
    return this.#attempt(work);
  }

  /**
   * Calls `work` once, under the write lock. All its writes are committed, or none if it throws. `durable`: they are on the disk when
   * the promise resolves.
   */
  async write<Result>(work: () => Result, { durable = false }: { readonly durable?: boolean } = {}): Promise<Result> {
    return this.#writes.write(work, durable);
  }

  /** Gives the space of what was removed back to the file system. A file of an earlier version learns how the first time. */
  async shrink(): Promise<void> {
    await this.#attempt(() => {
      if (this.#pragma('auto_vacuum') === incremental) this.#database.exec('PRAGMA incremental_vacuum');
      else this.#database.exec(`PRAGMA auto_vacuum = ${incremental}; VACUUM`);
    });
  }

  /** Closes the file after the writes that were called before; later calls reject. Harmless when repeated. */
  async close(): Promise<void> {
    await this.#writes.end();
    if (this.#closed) return;
    this.#closed = true;
    this.#statements.clear();
    if (this.#log !== undefined) closeSync(this.#log);
    this.#database.close();
  }

  async #attempt<Result>(work: () => Result): Promise<Result> {
    let deadline: number | undefined;
    for (;;) {
      if (this.#closed) throw createStorageError(say('store-closed', { path: this.file }));
      try {
        return work();
      } catch (error) {
        deadline ??= performance.now() + this.#busyTimeoutMs;
        if (!isBusyError(error) || performance.now() >= deadline) throw toStorageError(error, this.file);
      }
      await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * blockingWaitMs));
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** Whether the file has a log. */
  #configure(options: SqliteDatabaseOptions): boolean {
    this.#database.exec(`PRAGMA busy_timeout = ${blockingWaitMs}`);
    this.#checkIdentity(options);
    // Possible before the first table only.
    if (this.#pragma('page_count') === 0) this.#database.exec(`PRAGMA auto_vacuum = ${incremental}`);
    const hasLog = this.first('PRAGMA journal_mode = WAL')?.['journal_mode'] === 'wal';
    // With a log, SQLite itself syncs it only before it copies it into the file, and the file after that.
    this.#database.exec(`PRAGMA synchronous = ${hasLog ? 'NORMAL' : 'FULL'}`);
    return hasLog;
  }

  /** The log stays the same file until the last connection closes. */
  #openLog(): void {
    this.#log = openSync(`${this.file}-wal`, 'r+');
  }

  #pragma(name: string): number {
    return Number(this.first(`PRAGMA ${name}`)?.[name] ?? 0);
  }

  #checkIdentity({ applicationId, migrations }: SqliteDatabaseOptions): void {
    // In this order: another process may be creating the file, and its tables and mark appear together.
    const tables = Number(this.first('SELECT count(*) AS tables FROM sqlite_schema')?.['tables'] ?? 0);
    const id = this.#pragma('application_id');
    if (id !== applicationId && (id !== 0 || tables > 0)) {
      throw createStorageError(say('store-foreign', { path: this.file }));
    }
    const version = this.#pragma('user_version');
    if (version > migrations.length) {
      throw createStorageError(say('store-newer', { path: this.file, version, known: migrations.length }));
    }
  }

  #migrate(options: SqliteDatabaseOptions): void {
    // Checked again under the lock: another process may have been faster.
    this.#checkIdentity(options);
    const { applicationId, migrations } = options;
    const version = this.#pragma('user_version');
    for (const step of migrations.slice(version)) this.#database.exec(step);
    if (version === migrations.length) return;
    this.#database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`);
  }
}

/** SQLite would create it with the mode of the umask. An existing file stays untouched: closing it drops this process's locks on it. */
function createFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
