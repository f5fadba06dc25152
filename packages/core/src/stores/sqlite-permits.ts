import { join, resolve } from 'node:path';
import { systemClock, type Clock } from '../internal/clock.ts';
import { startInterval } from '../internal/interval.ts';
import { heartbeatIntervalMs, isOwnerProcessAlive, ownerLeaseMs } from './owner.ts';
import type { DurationRecord, PermitRequest, PermitStore } from './permit-store.ts';
import { makePrivateDirectory } from './private-directory.ts';
import { checkRate, reserveMoment } from './rate-reservation.ts';
import { ReleaseWaiters } from './release-waiters.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { permitsApplicationId, permitsMigrations } from './sqlite-schema.ts';
import { stateDirectory } from './state-directory.ts';
import { toStorageError } from './storage-error.ts';
import { WaitingLine } from './waiting-line.ts';

/** What `openSqlitePermits` takes. */
export interface SqlitePermitsOptions {
  /**
   * Folder of `permits.sqlite`, on a local disk. Default: `HOLODECK_STATE_DIR`, else the user's state folder
   * (`$XDG_STATE_HOME/holodeck` or `~/.local/state/holodeck`, `%LOCALAPPDATA%\holodeck`,
   * `~/Library/Application Support/holodeck`).
   */
  readonly directory?: string;
  /** Where `HOLODECK_STATE_DIR` and the user's folders are read. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** For tests: a clock, and the wait for a locked file in milliseconds. */
  readonly internal?: { readonly clock?: Clock; readonly busyTimeoutMs?: number };
}

/** How often waiters look for what other processes gave back. */
const watchIntervalMs = 25;

/**
 * Opens the permits that all processes of this user on this machine share.
 *
 * @throws {ImageError} of kind `storage` when the file cannot be used.
 */
export async function openSqlitePermits(options: SqlitePermitsOptions = {}): Promise<PermitStore> {
  const directory = resolve(options.directory ?? stateDirectory(options.environment ?? process.env));
  try {
    await makePrivateDirectory(directory);
  } catch (error) {
    throw toStorageError(error, directory);
  }
  const busyTimeoutMs = options.internal?.busyTimeoutMs;
  const database = await SqliteDatabase.open({
    file: join(directory, 'permits.sqlite'),
    applicationId: permitsApplicationId,
    migrations: permitsMigrations,
    ...(busyTimeoutMs === undefined ? {} : { busyTimeoutMs }),
  });
  return new SqlitePermits(database, options.internal?.clock ?? systemClock);
}

interface HeldPermit {
  readonly lane: string;
  readonly key: string;
  readonly owner: string;
}

class SqlitePermits implements PermitStore {
  readonly reach = 'machine';
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  readonly #waiters: ReleaseWaiters;
  /** Permits taken through this object, by lane and key. */
  readonly #held = new Map<string, HeldPermit>();
  /** Permits that were asked for through this object and refused. */
  readonly #asking = new Map<string, HeldPermit>();
  /** Permits that could not be given back, as the file was locked or the disk full: they are given back with the next write. */
  readonly #unreleased = new Map<string, Pick<HeldPermit, 'lane' | 'key'>>();
  readonly #line: WaitingLine;
  #stopRenewing: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#waiters = new ReleaseWaiters(clock);
    this.#line = new WaitingLine(database, (owner) => isOwnerProcessAlive(owner) === false);
  }

  async tryAcquire({ lane, limit, key, owner }: PermitRequest): Promise<boolean> {
    const granted = await this.#releasing(() => {
      this.#freeDead(lane);
      const holder = this.#database.first('SELECT owner FROM permits WHERE lane = ? AND key = ?', lane, key);
      if (holder !== undefined) return holder['owner'] === owner;
      const now = this.#clock.now();
      const mayTake = this.#count(lane) + this.#line.ahead(lane, owner, now) < limit;
      if (mayTake) {
        this.#write({ lane, key, owner });
        // Whoever wants more stands at the end again.
        this.#line.leave(lane, owner);
      } else {
        this.#line.join(lane, owner, now);
        this.#waiters.noteRefusal(lane, this.#releases(lane));
      }
      return mayTake;
    });
    if (granted) {
      this.#asking.delete(heldKey(lane, key));
      this.#hold({ lane, key, owner });
    } else this.#asking.set(heldKey(lane, key), { lane, key, owner });
    return granted;
  }

  async adopt({ lane, key, owner }: Omit<PermitRequest, 'limit'>): Promise<void> {
    await this.#database.transaction(() => this.#write({ lane, key, owner }));
    this.#hold({ lane, key, owner });
  }

  async release(lane: string, key: string): Promise<void> {
    const id = heldKey(lane, key);
    this.#held.delete(id);
    if (this.#held.size + this.#unreleased.size === 0) this.#stopRenewal();
    const asked = this.#asking.get(id);
    this.#asking.delete(id);
    try {
      const released = await this.#database.transaction(() => {
        if (asked !== undefined) this.#leaveLine(asked);
        return this.#remove(lane, key);
      });
      if (released || asked !== undefined) this.#waiters.wake(lane);
    } catch (error) {
      // As long as this process runs, nobody else would take the permit for given back.
      this.#unreleased.set(id, { lane, key });
      this.#startRenewal();
      throw error;
    }
  }

  async count(lane: string): Promise<number> {
    return this.#database.read(
      () => this.#rows(lane).filter((permit) => !this.#isDead(permit.owner, permit.renewedAtMs)).length,
    );
  }

  async waitForRelease(lane: string, maxWaitMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (await this.#mayBeFree(lane)) return;
    this.#stopWatching ??= startInterval(this.#clock, watchIntervalMs, () => void this.#watch());
    try {
      await this.#waiters.wait(lane, maxWaitMs, signal);
    } finally {
      if (this.#waiters.idle) this.#stopWatch();
    }
  }

  async reserveRate(lane: string, kind: 'submit' | 'query', perSecond: number): Promise<number> {
    checkRate(perSecond);
    return this.#database.transaction(() => {
      const row = this.#database.first('SELECT nextAtMs, seenAtMs FROM rates WHERE lane = ? AND kind = ?', lane, kind);
      const before = row && { nextAtMs: Number(row['nextAtMs']), seenAtMs: Number(row['seenAtMs']) };
      // Read under the lock, so that the clock goes forward from one sharer to the next.
      const { state, waitMs } = reserveMoment(before, perSecond, this.#clock.now());
      this.#database.run(
        'INSERT OR REPLACE INTO rates (lane, kind, nextAtMs, seenAtMs) VALUES (?, ?, ?, ?)',
        lane,
        kind,
        state.nextAtMs,
        state.seenAtMs,
      );
      return waitMs;
    });
  }

  async recallDurations(lane: string): Promise<readonly DurationRecord[]> {
    const rows = await this.#database.read(() =>
      this.#database.all('SELECT kind, durationsMs FROM durations WHERE lane = ? ORDER BY measuredAtMs', lane),
    );
    return rows.map((row) => ({ key: String(row['kind']), durationsMs: readDurations(String(row['durationsMs'])) }));
  }

  async keepDurations(lane: string, { key, durationsMs }: DurationRecord): Promise<void> {
    await this.#database.write(() =>
      this.#database.run(
        'INSERT OR REPLACE INTO durations (lane, kind, durationsMs, measuredAtMs) VALUES (?, ?, ?, ?)',
        lane,
        key,
        JSON.stringify(durationsMs),
        this.#clock.now(),
      ),
    );
  }

  /** Gives back what was taken through this object. */
  async close(): Promise<void> {
    this.#stopRenewal();
    this.#stopWatch();
    const held = [...this.#held.values(), ...this.#unreleased.values()];
    const asking = [...this.#asking.values()];
    this.#held.clear();
    this.#unreleased.clear();
    this.#asking.clear();
    try {
      if (held.length + asking.length > 0) {
        await this.#database.transaction(() => {
          for (const { lane, key } of held) this.#remove(lane, key);
          for (const asked of asking) this.#leaveLine(asked);
        });
      }
    } finally {
      this.#waiters.wakeAll();
      this.#database.close();
    }
  }

  /** Gives up the owner's place, unless it waits for another permit of the lane as well. */
  #leaveLine({ lane, owner }: HeldPermit): void {
    const stays = [...this.#asking.values()].some((other) => other.lane === lane && other.owner === owner);
    if (!stays) this.#line.leave(lane, owner);
  }

  #rows(lane: string): { key: string; owner: string; renewedAtMs: number }[] {
    return this.#database.all('SELECT key, owner, renewedAtMs FROM permits WHERE lane = ?', lane).map((row) => ({
      key: String(row['key']),
      owner: String(row['owner']),
      renewedAtMs: Number(row['renewedAtMs']),
    }));
  }

  #count(lane: string): number {
    return Number(this.#database.first('SELECT count(*) AS permits FROM permits WHERE lane = ?', lane)?.['permits']);
  }

  #releases(lane: string): number {
    return Number(this.#database.first('SELECT releases FROM lanes WHERE lane = ?', lane)?.['releases'] ?? 0);
  }

  /** The owner's process is gone; or nobody can tell, and it has not renewed within the lease. */
  #isDead(owner: string, renewedAtMs: number): boolean {
    const alive = isOwnerProcessAlive(owner);
    return alive === false || (alive === undefined && this.#clock.now() - renewedAtMs > ownerLeaseMs);
  }

  #freeDead(lane: string): void {
    for (const { key, owner, renewedAtMs } of this.#rows(lane)) {
      if (this.#isDead(owner, renewedAtMs)) this.#remove(lane, key);
    }
  }

  #write({ lane, key, owner }: HeldPermit): void {
    this.#database.run(
      'INSERT OR REPLACE INTO permits (lane, key, owner, renewedAtMs) VALUES (?, ?, ?, ?)',
      lane,
      key,
      owner,
      this.#clock.now(),
    );
  }

  #remove(lane: string, key: string): boolean {
    if (this.#database.run('DELETE FROM permits WHERE lane = ? AND key = ?', lane, key) === 0) return false;
    this.#database.run(
      'INSERT INTO lanes (lane, releases) VALUES (?, 1) ON CONFLICT (lane) DO UPDATE SET releases = releases + 1',
      lane,
    );
    return true;
  }

  #hold(permit: HeldPermit): void {
    const id = heldKey(permit.lane, permit.key);
    this.#held.set(id, permit);
    this.#unreleased.delete(id);
    this.#startRenewal();
  }

  /** A transaction that first gives back what could not be given back before. */
  async #releasing<Result>(work: () => Result): Promise<Result> {
    let late: [string, Pick<HeldPermit, 'lane' | 'key'>][] = [];
    const result = await this.#database.transaction(() => {
      late = [...this.#unreleased];
      for (const [, { lane, key }] of late) this.#remove(lane, key);
      return work();
    });
    for (const [id, { lane }] of late) {
      this.#unreleased.delete(id);
      this.#waiters.wake(lane);
    }
    return result;
  }

  #startRenewal(): void {
    this.#stopRenewing ??= startInterval(this.#clock, heartbeatIntervalMs, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    try {
      // Written anew where it is missing: the job runs, whatever the file says.
      await this.#releasing(() => {
        for (const permit of this.#held.values()) this.#write(permit);
      });
      if (this.#held.size + this.#unreleased.size === 0) this.#stopRenewal();
    } catch {
      // The next renewal tries again; on this host the process itself is the proof.
    }
  }

  /** Whether a permit was given back since the last refusal, or its holder has died. */
  async #mayBeFree(lane: string): Promise<boolean> {
    return this.#database.read(
      () =>
        this.#waiters.isStale(lane, this.#releases(lane)) ||
        this.#rows(lane).some((permit) => this.#isDead(permit.owner, permit.renewedAtMs)),
    );
  }

  async #watch(): Promise<void> {
    for (const lane of this.#waiters.lanes) {
      try {
        if (await this.#mayBeFree(lane)) this.#waiters.wake(lane);
      } catch {
        // A file that cannot be read shows when the waiter asks for its permit.
        this.#waiters.wake(lane);
      }
    }
  }

  #stopRenewal(): void {
    this.#stopRenewing?.();
    this.#stopRenewing = undefined;
  }

  #stopWatch(): void {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }
}

function readDurations(text: string): number[] {
  let durations: unknown;
  try {
    durations = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(durations) ? durations.filter((value) => typeof value === 'number' && value > 0) : [];
}

function heldKey(lane: string, key: string): string {
  return `${key} ${lane}`;
}
