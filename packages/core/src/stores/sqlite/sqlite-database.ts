import type { DatabaseSync, StatementSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { closeSync, openSync } from 'node:fs';
import { ImageError } from '../../contract/index.ts';
import { createStorageError, isBusyError, toStorageError } from '../storage-error.ts';
import { say } from '../store-messages.ts';

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

/** How long a wait for another process's lock may block the event loop; then the wait is asynchronous. */
const blockingWaitMs = 20;

/**
 * One connection to a SQLite file in WAL mode. Reads and writes are synchronous and take tens of microseconds; only the wait
 * for another process's lock is asynchronous. Errors are `ImageError`s of kind `storage`.
 */
export class SqliteDatabase {
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #busyTimeoutMs: number;
  #synchronous: 'NORMAL' | 'FULL' | undefined;
  #inTransaction = false;
  #closed = false;

  private constructor(database: DatabaseSync, file: string, busyTimeoutMs: number) {
    this.#database = database;
    this.file = file;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  /** Opens or creates the file (mode 0600) and brings its schema up to date. */
  static async open(options: SqliteDatabaseOptions): Promise<SqliteDatabase> {
    const { file, busyTimeoutMs = 10_000 } = options;
    // Loaded on first use: programs without a store do not pay for it.
    const { DatabaseSync } = await import('node:sqlite');
    let opened: SqliteDatabase;
    try {
      closeSync(openSync(file, 'a', 0o600));
      opened = new SqliteDatabase(new DatabaseSync(file), file, busyTimeoutMs);
    } catch (error) {
      throw toStorageError(error, file);
    }
    try {
      await opened.#attempt(() => {
        opened.#database.exec(`PRAGMA busy_timeout = ${blockingWaitMs}`);
        opened.#checkIdentity(options);
        opened.#database.exec('PRAGMA journal_mode = WAL');
      });
      await opened.transaction(() => opened.#migrate(options), { durable: true });
    } catch (error) {
      opened.close();
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
   * Calls `work`, which runs one writing statement. SQLite takes the write lock at its start and commits at its end.
   * `durable`: the commit reaches the disk before the promise resolves.
   */
  async write<Result>(work: () => Result, options: { readonly durable?: boolean } = {}): Promise<Result> {
    return this.#attempt(() => {
      this.#assertNoTransaction();
      this.#setSynchronous(options.durable === true ? 'FULL' : 'NORMAL');
      return work();
    });
  }

  /** Calls `work` under the write lock. All its writes are committed together, or none if it throws. */
  async transaction<Result>(work: () => Result, options: { readonly durable?: boolean } = {}): Promise<Result> {
    return this.#attempt(() => {
      this.#assertNoTransaction();
      this.#setSynchronous(options.durable === true ? 'FULL' : 'NORMAL');
      this.#prepare('BEGIN IMMEDIATE').run();
      this.#inTransaction = true;
      try {
        const result = work();
        this.#prepare('COMMIT').run();
        return result;
      } catch (error) {
        this.#rollback();
        throw error;
      } finally {
        this.#inTransaction = false;
      }
    });
  }

  /** Closes the file; later calls reject. Harmless when repeated. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#statements.clear();
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

  #setSynchronous(level: 'NORMAL' | 'FULL'): void {
    if (this.#synchronous === level) return;
    // Never prepared: this pragma acts when it is compiled, not when it runs. It takes about half a microsecond.
    this.#database.exec(`PRAGMA synchronous = ${level}`);
    this.#synchronous = level;
  }

  #rollback(): void {
    try {
      this.#prepare('ROLLBACK').run();
    } catch {
      // SQLite rolls back automatically, for example when the disk is full.
    }
  }

  #assertNoTransaction(): void {
    if (!this.#inTransaction) return;
    throw new ImageError({
      kind: 'internal',
      outcome: 'not-submitted',
      ...say('store-publishing', { path: this.file }),
    });
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
