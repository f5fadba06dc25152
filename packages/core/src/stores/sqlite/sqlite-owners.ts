import type { Clock } from '../../internal/clock.ts';
import { startInterval } from '../../internal/interval.ts';
import { heartbeatIntervalMs, isOwnerProcessAlive, ownerLeaseMs, type Owner } from '../owner.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Rows of dead owners are removed after a day, so that the file does not grow with every run. */
const forgetOwnersAfterMs = 86_400_000;

/**
 * Owners of this process that were closed while the store could not be written. They count as dead at once, not only when
 * their lease expires.
 */
const retired = new Set<string>();

const beat = `INSERT INTO owners (id, heartbeatAtMs) VALUES (?, ?)
  ON CONFLICT (id) DO UPDATE SET heartbeatAtMs = excluded.heartbeatAtMs`;

/** The owners of a SQLite store, and the heartbeats of those that were registered here. */
export class SqliteOwners {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  readonly #own = new Set<string>();
  #stopHeartbeat: (() => void) | undefined;

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async register(owner: Owner): Promise<void> {
    const now = this.#clock.now();
    await this.#database.write(() => {
      this.#database.run('DELETE FROM owners WHERE heartbeatAtMs < ?', now - forgetOwnersAfterMs);
      this.#database.run(beat, owner.id, now);
    });
    this.#own.add(owner.id);
    this.#stopHeartbeat ??= startInterval(this.#clock, heartbeatIntervalMs, () => void this.#beat());
  }

  async isAlive(ownerId: string): Promise<boolean> {
    return this.#database.read(() => this.isAliveNow(ownerId));
  }

  /** The same inside a transaction. */
  isAliveNow(ownerId: string): boolean {
    if (retired.has(ownerId) || isOwnerProcessAlive(ownerId) === false) return false;
    if (this.#own.has(ownerId)) return true;
    const row = this.#database.first('SELECT heartbeatAtMs FROM owners WHERE id = ?', ownerId);
    return row !== undefined && this.#clock.now() - Number(row['heartbeatAtMs']) <= ownerLeaseMs;
  }

  /** Stops the heartbeats and removes the owners that were registered here. */
  async close(): Promise<void> {
    this.#stopHeartbeat?.();
    const own = [...this.#own];
    this.#own.clear();
    if (own.length === 0) return;
    try {
      await this.#database.write(() => {
        for (const id of own) this.#database.run('DELETE FROM owners WHERE id = ?', id);
      });
    } catch {
      // Other processes learn it when the lease expires.
      for (const id of own) retired.add(id);
    }
  }

  async #beat(): Promise<void> {
    const now = this.#clock.now();
    try {
      await this.#database.write(() => {
        for (const id of this.#own) this.#database.run(beat, id, now);
      });
    } catch {
      // The next beat tries again; a store that cannot be written shows at the next write that matters.
    }
  }
}
