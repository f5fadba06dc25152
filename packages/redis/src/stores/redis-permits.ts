import { systemClock } from '@holodeck/core/backend';
import {
  heartbeatIntervalMs,
  isOwnerProcessAlive,
  ownerLeaseMs,
  type DurationRecord,
  type LaneView,
  type LearnedUpdate,
  type PermitPhase,
  type PermitRequest,
  type PermitStore,
} from '@holodeck/core/stores';
import { checkRate, ReleaseWaiters, startInterval } from '@holodeck/core/stores';
import { RedisConnection, type RedisReply } from '../connection/redis-connection.ts';
import type { RedisConnectionOptions } from '../connection/redis-options.ts';
import type { LuaScript } from '../scripts/lua-script.ts';
import {
  acquirePermit,
  adoptPermit,
  keepDurations,
  leaveLine,
  snapshotLane,
  lookAtLane,
  recallDurations,
  releasePermits,
  renewPermits,
  reserveRate,
  compareAndSetLearned,
} from '../scripts/permit-scripts.ts';
import { graceMs } from './redis-owners.ts';
import { parseJson } from '../scripts/parse-json.ts';
import { say } from './store-messages.ts';

/** What `openRedisPermits` takes. */
export type RedisPermitsOptions = RedisConnectionOptions;

/** How often waiters check for dead holders; a release wakes them immediately. */
const watchIntervalMs = 250;
/** An owner that has not asked for this long leaves the line, in milliseconds. */
const leftLineAfterMs = 3000;

/**
 * Opens the permits that all users of one Redis or Valkey server share. A permit is a lease of 30 s by the server's clock,
 * renewed every 5 s, with a fencing number. Without the server nothing is granted: there is no fallback to a limit per
 * process.
 *
 * @throws {ImageError} of kind `storage` when the server cannot be reached or refuses the login.
 */
export async function openRedisPermits(options: RedisPermitsOptions): Promise<PermitStore> {
  return new RedisPermits(await RedisConnection.open(options), options.onWarning);
}

interface HeldPermit {
  readonly lane: string;
  readonly key: string;
  readonly owner: string;
  readonly fence: string;
  /** When the last grant or renewal was requested, in monotonic milliseconds. */
  readonly renewedAtMs: number;
  /** The lease expired once: the permit counts again, but a submission needs a new grant. */
  readonly lapsed?: true;
}

/** A holder of a permit: key, fence, owner. */
type Holder = readonly [string, string, string];
/** The same, with its phase. */
type Permit = readonly [...Holder, PermitPhase];
type Look = readonly [number, readonly Holder[]];

class RedisPermits implements PermitStore {
  readonly reach = 'network';
  readonly #connection: RedisConnection;
  readonly #base: string;
  readonly #onWarning: RedisPermitsOptions['onWarning'];
  readonly #waiters = new ReleaseWaiters(systemClock);
  /** Permits that this object holds, by lane and key. */
  readonly #held = new Map<string, HeldPermit>();
  /** Permits that this object requested and was refused. */
  readonly #asking = new Map<string, Pick<HeldPermit, 'lane' | 'owner'>>();
  #listening: Promise<void> | undefined;
  #renewing = false;
  #stopRenewing: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(connection: RedisConnection, onWarning: RedisPermitsOptions['onWarning']) {
    this.#connection = connection;
    this.#base = `${connection.prefix}:permits`;
    this.#onWarning = onWarning;
    connection.onReady(() => {
      void this.#renew();
      this.#waiters.wakeAll();
    });
  }

  async tryAcquire({ lane, limit, key, owner }: PermitRequest): Promise<boolean> {
    for (;;) {
      const renewedAtMs = performance.now();
      const args = [lane, limit, key, owner, ownerLeaseMs, graceMs, leftLineAfterMs];
      const reply = await this.#run(acquirePermit, args);
      if (typeof reply === 'string') {
        this.#asking.delete(heldKey(lane, key));
        this.#hold({ lane, key, owner, fence: reply, renewedAtMs });
        return true;
      }
      this.#asking.set(heldKey(lane, key), { lane, owner });
      const [releases, holders] = reply as Look;
      this.#waiters.noteRefusal(lane, releases);
      // Dead processes of this host are known now; others lose their permits when their leases expire.
      if (!(await this.#freeDead(lane, holders))) return false;
    }
  }

  async adopt({ lane, key, owner }: Omit<PermitRequest, 'limit'>): Promise<void> {
    const renewedAtMs = performance.now();
    const fence = await this.#run(adoptPermit, [lane, key, owner, ownerLeaseMs]);
    this.#hold({ lane, key, owner, fence: String(fence), renewedAtMs });
  }

  /** False if the lease may have expired: another job may have its place by now. */
  isHeld(lane: string, key: string): boolean {
    const permit = this.#held.get(heldKey(lane, key));
    return permit !== undefined && permit.lapsed !== true && performance.now() - permit.renewedAtMs < ownerLeaseMs;
  }

  async release(lane: string, key: string): Promise<void> {
    this.#held.delete(heldKey(lane, key));
    if (this.#held.size === 0) this.#stopRenewal();
    const asked = this.#asking.get(heldKey(lane, key));
    this.#asking.delete(heldKey(lane, key));
    if (asked !== undefined) await this.#leaveLine(asked);
    await this.#run(releasePermits, [lane, key, '']);
    this.#waiters.wake(lane);
  }

  async count(lane: string): Promise<number> {
    const [, holders] = await this.#look(lane);
    return holders.filter((holder) => !isDead(holder)).length;
  }

  async waitForRelease(lane: string, maxWaitMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#listen(lane);
    // Wait first and look then, so that a release between the two is not missed.
    const stop = new AbortController();
    const onAbort = (): void => stop.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const waiting = this.#waiters.wait(lane, maxWaitMs, stop.signal);
    // It may end before the look does.
    waiting.catch(() => undefined);
    this.#stopWatching ??= startInterval(systemClock, watchIntervalMs, () => void this.#watch());
    try {
      if (await this.#mayBeFree(lane)) stop.abort();
      await waiting.catch((error: unknown) => {
        if (signal.aborted || !stop.signal.aborted) throw error;
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      stop.abort();
      if (this.#waiters.idle) this.#stopWatch();
    }
  }

  async reserveRate(lane: string, kind: 'submit' | 'query', perSecond: number): Promise<number> {
    checkRate(perSecond);
    return Number(await this.#run(reserveRate, [lane, kind, perSecond]));
  }

  async recallDurations(lane: string): Promise<readonly DurationRecord[]> {
    const reply = (await this.#run(recallDurations, [lane])) as readonly string[];
    const records: DurationRecord[] = [];
    for (let index = 0; index < reply.length; index += 2) {
      const durationsMs = parseJson<number[]>(reply[index + 1] ?? '');
      if (Array.isArray(durationsMs)) records.push({ key: reply[index] ?? '', durationsMs: durationsMs as number[] });
    }
    return records;
  }

  async keepDurations(lane: string, { key, durationsMs }: DurationRecord): Promise<void> {
    await this.#run(keepDurations, [lane, key, JSON.stringify(durationsMs)]);
  }

  async snapshotLane(lane: string, about: string): Promise<LaneView> {
    const reply = await this.#run(snapshotLane, [lane, graceMs, about]);
    const [revision, ageMs, learned, holders] = reply as readonly [string, string, string, readonly Permit[]];
    const living = holders.filter(([key, fence, owner]) => !isDead([key, fence, owner]));
    const permits = living.map(([key, , owner, phase]) => ({ key, owner, phase }));
    if (revision === '0') return { permits };
    return { permits, record: { learned, revision: Number(revision), ageMs: Number(ageMs) } };
  }

  async compareAndSetLearned({ lane, about, learned, revision, phases, wake }: LearnedUpdate): Promise<boolean> {
    const marks = phases.flatMap(({ key, phase }) => [key, phase]);
    const args = [lane, about, revision, learned, wake ? 1 : 0, ...marks];
    const kept = Number(await this.#run(compareAndSetLearned, args)) === 1;
    if (kept && wake) this.#waiters.wake(lane);
    return kept;
  }

  /** Releases all permits of this object. */
  async close(): Promise<void> {
    this.#stopRenewal();
    this.#stopWatch();
    const held = [...this.#held.values()];
    const asking = [...this.#asking.values()];
    this.#held.clear();
    this.#asking.clear();
    try {
      // Without the server they expire with their leases.
      if (this.#connection.isReady) {
        for (const asked of asking) await this.#leaveLine(asked);
        for (const { lane, key, fence } of held) await this.#run(releasePermits, [lane, key, fence]);
      }
    } catch {
      // They expire.
    } finally {
      this.#waiters.wakeAll();
      await this.#connection.close();
    }
  }

  async #listen(lane: string): Promise<void> {
    if (this.#listening === undefined) {
      // Fails if the server is down; subscribing would wait for it for ever.
      await this.#look(lane);
      this.#listening = this.#connection.subscribe(`${this.#base}:released`, (freed) => this.#waiters.wake(freed));
    }
    await this.#listening.catch(() => {
      // The watch polls anyway; the next wait tries again.
      this.#listening = undefined;
    });
  }

  async #look(lane: string): Promise<Look> {
    return (await this.#run(lookAtLane, [lane, graceMs])) as Look;
  }

  /** Gives up the owner's place, unless it also waits for another permit of the lane. */
  async #leaveLine({ lane, owner }: Pick<HeldPermit, 'lane' | 'owner'>): Promise<void> {
    const stays = [...this.#asking.values()].some((other) => other.lane === lane && other.owner === owner);
    if (!stays) await this.#run(leaveLine, [lane, owner]);
  }

  async #freeDead(lane: string, holders: readonly Holder[]): Promise<boolean> {
    const dead = holders.filter(isDead).flatMap(([key, fence]) => [key, fence]);
    return dead.length > 0 && Number(await this.#run(releasePermits, [lane, ...dead])) > 0;
  }

  #hold(permit: HeldPermit): void {
    this.#held.set(heldKey(permit.lane, permit.key), permit);
    this.#stopRenewing ??= startInterval(systemClock, heartbeatIntervalMs, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    if (this.#renewing || this.#held.size === 0 || !this.#connection.isReady) return;
    this.#renewing = true;
    try {
      const permits = [...this.#held.values()];
      const renewedAtMs = performance.now();
      const args = permits.flatMap(({ lane, key, fence, owner }) => [lane, key, fence, owner]);
      const fences = (await this.#run(renewPermits, [ownerLeaseMs, ...args])) as readonly string[];
      for (const [index, permit] of permits.entries()) this.#renewed(permit, fences[index] ?? '', renewedAtMs);
    } catch {
      // The next renewal tries again; `isHeld` knows when the lease has expired.
    } finally {
      this.#renewing = false;
    }
  }

  #renewed(permit: HeldPermit, fence: string, renewedAtMs: number): void {
    const id = heldKey(permit.lane, permit.key);
    // Released or acquired again meanwhile.
    if (this.#held.get(id) !== permit) return;
    if (fence === permit.fence) {
      this.#held.set(id, { ...permit, renewedAtMs });
      return;
    }
    if (fence === '') this.#held.delete(id);
    // The job may run, so it counts again; a later submission must acquire its permit again.
    else this.#held.set(id, { ...permit, fence, renewedAtMs, lapsed: true });
    const about = { lane: permit.lane, location: this.#connection.location };
    this.#onWarning?.({ code: 'storage', ...say(fence === '' ? 'permit-taken-over' : 'permit-late', about) });
  }

  /** Whether a permit was released since the last refusal, or its holder has died. */
  async #mayBeFree(lane: string): Promise<boolean> {
    const [releases, holders] = await this.#look(lane);
    return this.#waiters.isStale(lane, releases) || holders.some(isDead);
  }

  async #watch(): Promise<void> {
    for (const lane of this.#waiters.lanes) {
      try {
        if (await this.#mayBeFree(lane)) this.#waiters.wake(lane);
      } catch {
        // The waiter's own request reports the failure.
        this.#waiters.wake(lane);
      }
    }
  }

  async #run(script: LuaScript, args: readonly (string | number)[]): Promise<RedisReply> {
    return this.#connection.run(script, [this.#base], args);
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

function isDead([, , owner]: Holder): boolean {
  return isOwnerProcessAlive(owner) === false;
}

function heldKey(lane: string, key: string): string {
  return `${key} ${lane}`;
}
