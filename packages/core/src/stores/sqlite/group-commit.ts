import { ImageError } from '../../contract/index.ts';
import { SharedSync } from '../../files/shared-sync.ts';
import { createStorageError, isBusyError, toStorageError } from '../storage-error.ts';
import { say } from '../store-messages.ts';

/** What a `GroupCommit` needs of its database. */
export interface GroupCommitOptions {
  /** Absolute path, for errors. */
  readonly file: string;
  /** Runs a statement. */
  readonly run: (sql: string) => void;
  /** Brings all commits to the disk, off the event loop. */
  readonly sync: () => Promise<void>;
  readonly busyTimeoutMs: number;
  /** The longest pause between two tries for a lock that another process holds. */
  readonly retryMs: number;
}

interface Write {
  readonly work: () => unknown;
  readonly durable: boolean;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** When it gives up; set once another process is seen to hold the lock. */
  deadlineMs?: number;
}

/** All writes of one turn of the event loop in one transaction, and one sync for those of them that must be durable. */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #sync: SharedSync;
  readonly #waiting: Write[] = [];
  #working = false;
  #ended: Promise<unknown> | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#sync = new SharedSync(options.sync);
  }

  /** As `SqliteDatabase.write`. */
  async write<Result>(work: () => Result, durable: boolean): Promise<Result> {
    const { file: path } = this.#options;
    if (this.#working) {
      throw new ImageError({ kind: 'internal', outcome: 'not-submitted', ...say('store-publishing', { path }) });
    }
    if (this.#ended !== undefined) throw createStorageError(say('store-closed', { path }));
    return new Promise<Result>((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#commit());
      this.#waiting.push({ work, durable, resolve: resolve as (result: unknown) => void, reject });
    });
  }

  /** Later writes reject. Resolves once the earlier ones have ended; never rejects. */
  async end(): Promise<void> {
    // One more write, which ends after all others.
    this.#ended ??= this.write(() => undefined, true).catch(() => undefined);
    await this.#ended;
  }

  #commit(): void {
    const { run } = this.#options;
    try {
      run('BEGIN IMMEDIATE');
    } catch (error) {
      this.#postpone(error);
      return;
    }
    const group = this.#waiting.splice(0);
    this.#working = true;
    let settle: readonly (() => void)[];
    try {
      settle = group.map((write) => this.#runOne(write));
      run('COMMIT');
    } catch (error) {
      this.#undo('ROLLBACK');
      this.#reject(group, error);
      return;
    } finally {
      this.#working = false;
    }
    const settleThose = (durable: boolean): void => {
      for (const [index, write] of group.entries()) if (write.durable === durable) settle[index]?.();
    };
    settleThose(false);
    const durable = group.filter((write) => write.durable);
    if (durable.length === 0) return;
    this.#sync.run().then(
      () => settleThose(true),
      (error: unknown) => this.#reject(durable, error),
    );
  }

  /** Runs one write of the group; returns how its promise settles. @throws when the transaction is lost. */
  #runOne({ work, resolve, reject }: Write): () => void {
    const { run, file } = this.#options;
    run('SAVEPOINT one');
    try {
      const result = work();
      run('RELEASE one');
      return () => resolve(result);
    } catch (error) {
      // A full disk ends the transaction of all.
      if (!this.#undo('ROLLBACK TO one')) throw error;
      return () => reject(toStorageError(error, file));
    }
  }

  /** False if there is no transaction any more: SQLite has rolled it back. */
  #undo(sql: 'ROLLBACK' | 'ROLLBACK TO one'): boolean {
    try {
      this.#options.run(sql);
      return true;
    } catch {
      return false;
    }
  }

  /** Another process holds the lock: tries again soon, without those that have waited for too long. */
  #postpone(error: unknown): void {
    const { busyTimeoutMs, retryMs } = this.#options;
    if (!isBusyError(error)) {
      this.#reject(this.#waiting.splice(0), error);
      return;
    }
    const now = performance.now();
    const waiting = this.#waiting.splice(0);
    const late = waiting.filter((write) => (write.deadlineMs ??= now + busyTimeoutMs) <= now);
    this.#waiting.push(...waiting.filter((write) => !late.includes(write)));
    this.#reject(late, error);
    if (this.#waiting.length > 0) setTimeout(() => this.#commit(), 1 + Math.random() * retryMs);
  }

  #reject(writes: readonly Write[], error: unknown): void {
    const reason = toStorageError(error, this.#options.file);
    for (const { reject } of writes) reject(reason);
  }
}
