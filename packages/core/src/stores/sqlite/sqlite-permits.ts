import { join, resolve } from 'node:path';
import { systemClock, type Clock } from '../../internal/clock.ts';
import { startInterval } from '../../internal/interval.ts';
import { heartbeatIntervalMs, isOwnerProcessAlive, ownerLeaseMs } from '../owner.ts';
import type { DurationRecord, LaneView, LearnedUpdate } from '../permit-store.ts';
import type { PermitPhase, PermitRequest, PermitStore, PermitView } from '../permit-store.ts';
import { makePrivateDirectory } from '../../files/private-directory.ts';
import { checkRate, reserveMoment } from '../rate-reservation.ts';
import { ReleaseWaiters } from '../release-waiters.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { SqliteLearned } from './sqlite-learned.ts';
import { permitsApplicationId, permitsMigrations } from './sqlite-schema.ts';
import { stateDirectory } from './state-directory.ts';
import { toStorageError } from '../storage-error.ts';
import { WaitingLine } from './waiting-line.ts';
import type { Environment } from '../../contract/environment.ts';

/** What `openSqlitePermits` takes. */
export interface SqlitePermitsOptions {
  /**
   * Folder of `permits.sqlite`, on a local disk. Default: `HOLODECK_STATE_DIR`, else the user's state folder
   * (`$XDG_STATE_HOME/holodeck` or `~/.local/state/holodeck`, `%LOCALAPPDATA%\holodeck`,
   * `~/Library/Application Support/holodeck`).
   */
  readonly directory?: string;
  /** Where `HOLODECK_STATE_DIR` and the user's folders are read. Default `process.env`. */
  readonly environment?: Environment;
  /** For tests: a clock, and the wait for a locked file in milliseconds. */
  readonly internal?: { readonly clock?: Clock; readonly busyTimeoutMs?: number };
}

/** How often waiters check for permits that other processes released. */
const watchIntervalMs = 25;

/** Opens the permits that all processes of this user on this machine share. @throws {ImageError} of kind `storage`. */
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

interface HeldPermit extends PermitView {
  readonly lane: string;
}

class SqlitePermits implements PermitStore {
  readonly reach = 'machine';
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  readonly #waiters: ReleaseWaiters;
  /** Permits taken through this object, by lane and key. */
  readonly #held = new Map<string, HeldPermit>();
  /** Requests through this object that were refused. */
  readonly #asking = new Map<string, Pick<HeldPermit, 'lane' | 'owner'>>();
  /** Permits whose release failed (file locked, disk full); the next write releases them. */
  readonly #unreleased = new Map<string, Pick<HeldPermit, 'lane' | 'key'>>();
  readonly #line: WaitingLine;
  readonly #learned: SqliteLearned;
  #stopRenewing: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#waiters = new ReleaseWaiters(clock);
    this.#line = new WaitingLine(database, (owner) => isOwnerProcessAlive(owner) === false);
    this.#learned = new SqliteLearned(database, clock);
  }

  async tryAcquire({ lane, limit, key, owner }: PermitRequest): Promise<boolean> {
    const permit: HeldPermit = { lane, key, owner, phase: 'waiting' };
    const granted = await this.#releasing(() => {
      const holder = this.#holder(lane, key);
      if (holder === owner) return true;
      // Looking at each permit takes long where there are thousands, so only if this one is taken, or there is no room.
      if (holder !== undefined && !(this.#freeDead(lane) && this.#holder(lane, key) === undefined)) return false;
      const now = this.#clock.now();
      const hasRoom = (): boolean => this.#count(lane) + this.#line.ahead(lane, owner, now) < limit;
      const mayTake = hasRoom() || (this.#freeDead(lane) && hasRoom());
      if (mayTake) {
        this.#write(permit);
        // An owner that wants more goes to the end of the line.
        this.#line.leave(lane, owner);
      } else {
        this.#line.join(lane, owner, now);
        this.#waiters.noteRefusal(lane, this.#releases(lane));
      }
      return mayTake;
    });
    if (granted) {
      this.#asking.delete(heldKey(lane, key));
      if (!this.#held.has(heldKey(lane, key))) this.#hold(permit);
    } else this.#asking.set(heldKey(lane, key), { lane, owner });
    return granted;
  }

  async adopt({ lane, key, owner }: Omit<PermitRequest, 'limit'>): Promise<void> {
    const permit: HeldPermit = { lane, key, owner, phase: 'running' };
    await this.#database.write(() => this.#write(permit));
    this.#hold(permit);
  }

  async release(lane: string, key: string): Promise<void> {
    const id = heldKey(lane, key);
    this.#held.delete(id);
    if (this.#held.size + this.#unreleased.size === 0) this.#stopRenewal();
    const asked = this.#asking.get(id);
    this.#asking.delete(id);
    try {
      const released = await this.#database.write(() => {
        if (asked !== undefined) this.#leaveLine(asked);
        return this.#remove(lane, key);
      });
      if (released || asked !== undefined) this.#waiters.wake(lane);
    } catch (error) {
      // While this process runs, no other would consider the permit free.
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
    return this.#database.write(() => {
      const row = this.#database.first('SELECT nextAtMs, seenAtMs FROM rates WHERE lane = ? AND kind = ?', lane, kind);
      const before = row && { nextAtMs: Number(row['nextAtMs']), seenAtMs: Number(row['seenAtMs']) };
      // Read the clock under the lock, so that it goes forward from one client to the next.
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

  isHeld(): boolean {
    return true;
  }

  async recallDurations(lane: string): Promise<readonly DurationRecord[]> {
    return this.#database.read(() => this.#learned.durations(lane));
  }

  async keepDurations(lane: string, record: DurationRecord): Promise<void> {
    await this.#database.write(() => this.#learned.keepDurations(lane, record));
  }

  async snapshotLane(lane: string, about: string): Promise<LaneView> {
    return this.#database.read(() => {
      const record = this.#learned.record(lane, about);
      const permits = this.#rows(lane).filter((permit) => !this.#isDead(permit.owner, permit.renewedAtMs));
      return {
        permits: permits.map(({ key, owner, phase }) => ({ key, owner, phase })),
        ...(record === undefined ? {} : { record }),
      };
    });
  }

  async compareAndSetLearned(update: LearnedUpdate): Promise<boolean> {
    const { lane, phases, wake } = update;
    const kept = await this.#database.write(() => {
      if (!this.#learned.keep(update)) return false;
      for (const { key, phase } of phases)
        this.#database.run('UPDATE permits SET phase = ? WHERE lane = ? AND key = ?', phase, lane, key);
      if (wake) this.#countRelease(lane);
      return true;
    });
    if (!kept) return false;
    for (const { key, phase } of phases) {
      const held = this.#held.get(heldKey(lane, key));
      if (held !== undefined) this.#held.set(heldKey(lane, key), { ...held, phase });
    }
    if (wake) this.#waiters.wake(lane);
    return true;
  }

  /** Releases what was taken through this object. */
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
        await this.#database.write(() => {
          for (const { lane, key } of held) this.#remove(lane, key);
          for (const asked of asking) this.#leaveLine(asked);
        });
      }
    } finally {
      this.#waiters.wakeAll();
      await this.#database.close();
    }
  }

  /** Gives up the owner's place, unless it waits for another permit of the lane as well. */
  #leaveLine({ lane, owner }: Pick<HeldPermit, 'lane' | 'owner'>): void {
    const stays = [...this.#asking.values()].some((other) => other.lane === lane && other.owner === owner);
    if (!stays) this.#line.leave(lane, owner);
  }

  /** The lane's permits, oldest grant first. */
  #rows(lane: string): (Omit<HeldPermit, 'lane'> & { readonly renewedAtMs: number })[] {
    const rows = this.#database.all(
      'SELECT key, owner, phase, renewedAtMs FROM permits WHERE lane = ? ORDER BY ticket',
      lane,
    );
    return rows.map((row) => ({
      key: String(row['key']),
      owner: String(row['owner']),
      phase: String(row['phase']) as PermitPhase,
      renewedAtMs: Number(row['renewedAtMs']),
    }));
  }

  #holder(lane: string, key: string): unknown {
    return this.#database.first('SELECT owner FROM permits WHERE lane = ? AND key = ?', lane, key)?.['owner'];
  }

  #count(lane: string): number {
    return Number(this.#database.first('SELECT count(*) AS permits FROM permits WHERE lane = ?', lane)?.['permits']);
  }

  #releases(lane: string): number {
    return Number(this.#database.first('SELECT releases FROM lanes WHERE lane = ?', lane)?.['releases'] ?? 0);
  }

  /** The owner's process is gone; or this is unknown and the lease has expired. */
  #isDead(owner: string, renewedAtMs: number): boolean {
    const alive = isOwnerProcessAlive(owner);
    return alive === false || (alive === undefined && this.#clock.now() - renewedAtMs > ownerLeaseMs);
  }

  /** @returns Whether there were any. */
  #freeDead(lane: string): boolean {
    const dead = this.#rows(lane).filter(({ owner, renewedAtMs }) => this.#isDead(owner, renewedAtMs));
    for (const { key } of dead) this.#remove(lane, key);
    return dead.length > 0;
  }

  /** Inserts a permit behind the others, or updates its owner and phase in place. */
  #write({ lane, key, owner, phase }: HeldPermit): void {
    this.#database.run(
      `INSERT INTO permits (lane, key, owner, renewedAtMs, phase, ticket)
       VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(ticket), 0) + 1 FROM permits WHERE lane = ?))
       ON CONFLICT (lane, key) DO UPDATE
       SET owner = excluded.owner, renewedAtMs = excluded.renewedAtMs, phase = excluded.phase`,
      lane,
      key,
      owner,
      this.#clock.now(),
      phase,
      lane,
    );
  }

  #remove(lane: string, key: string): boolean {
    if (this.#database.run('DELETE FROM permits WHERE lane = ? AND key = ?', lane, key) === 0) return false;
    this.#countRelease(lane);
    return true;
  }

  #countRelease(lane: string): void {
    this.#database.run(
      'INSERT INTO lanes (lane, releases) VALUES (?, 1) ON CONFLICT (lane) DO UPDATE SET releases = releases + 1',
      lane,
    );
  }

  #hold(permit: HeldPermit): void {
    const id = heldKey(permit.lane, permit.key);
    this.#held.set(id, permit);
    this.#unreleased.delete(id);
    this.#startRenewal();
  }

  /** A transaction that first repeats the releases that failed. */
  async #releasing<Result>(work: () => Result): Promise<Result> {
    let late: [string, Pick<HeldPermit, 'lane' | 'key'>][] = [];
    const result = await this.#database.write(() => {
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
      // Inserted again if it is missing: the job runs, whatever the file says.
      await this.#releasing(() => {
        for (const permit of this.#held.values()) this.#write(permit);
      });
      if (this.#held.size + this.#unreleased.size === 0) this.#stopRenewal();
    } catch {
      // The next renewal tries again; on this host the running process is proof enough.
    }
  }

  /** Whether a permit was released since the last refusal, or a holder has died. */
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
        // The waiter sees the error when it asks for its permit.
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

function heldKey(lane: string, key: string): string {
  return `${key} ${lane}`;
}
