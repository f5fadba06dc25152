import { systemClock, type Clock } from '../../internal/clock.ts';
import { isOwnerProcessAlive } from '../owner.ts';
import type { DurationRecord, LaneView, LearnedUpdate } from '../permit-store.ts';
import type { PermitRequest, PermitStore, PermitView } from '../permit-store.ts';
import { checkRate, reserveMoment, type RateState } from '../rate-reservation.ts';
import { ReleaseWaiters } from '../release-waiters.ts';

/** What `createMemoryPermits` takes. */
export interface MemoryPermitsOptions {
  /** For tests: a clock. */
  readonly internal?: { readonly clock?: Clock };
}

/** Permits of one process. Clients share an account's limit by sharing the object. */
export function createMemoryPermits(options: MemoryPermitsOptions = {}): PermitStore {
  return new MemoryPermits(options.internal?.clock ?? systemClock);
}

/** An owner that has not asked again for this long has left the line. */
const staleMs = 3_000;

interface Place {
  askedAtMs: number;
  /** The permits that the owner waits for. */
  readonly keys: Set<string>;
}

/** The owners of one process that wait for permits, longest wait first; see `WaitingLine`. */
class MemoryLine {
  readonly #clock: Clock;
  readonly #lanes = new Map<string, Map<string, Place>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many other owners come first. */
  ahead(lane: string, owner: string): number {
    const line = this.#lanes.get(lane);
    if (line === undefined) return 0;
    const now = this.#clock.monotonic();
    let ahead = 0;
    for (const [other, { askedAtMs }] of line) {
      if (other === owner) break;
      if (now - askedAtMs > staleMs) line.delete(other);
      else ahead += 1;
    }
    return ahead;
  }

  /** Takes a place at the end, or keeps the owner's place. */
  refused(lane: string, key: string, owner: string): void {
    const line = this.#lanes.get(lane) ?? new Map<string, Place>();
    this.#lanes.set(lane, line);
    const place = line.get(owner) ?? { askedAtMs: 0, keys: new Set<string>() };
    place.askedAtMs = this.#clock.monotonic();
    place.keys.add(key);
    line.set(owner, place);
  }

  /** Gives up the wait for this permit, and the owner's place unless it waits for another. @returns Whether an owner waited. */
  leave(lane: string, key: string): boolean {
    for (const [owner, { keys }] of this.#lanes.get(lane) ?? []) {
      if (!keys.delete(key)) continue;
      if (keys.size === 0) this.remove(lane, owner);
      return true;
    }
    return false;
  }

  remove(lane: string, owner: string): void {
    const line = this.#lanes.get(lane);
    line?.delete(owner);
    if (line?.size === 0) this.#lanes.delete(lane);
  }
}

interface KeptRecord {
  readonly learned: string;
  readonly revision: number;
  readonly keptAtMs: number;
}

class MemoryPermits implements PermitStore {
  readonly reach = 'process';
  readonly #clock: Clock;
  readonly #waiters: ReleaseWaiters;
  readonly #line: MemoryLine;
  /** Permits by key for each lane, oldest grant first. */
  readonly #permits = new Map<string, Map<string, PermitView>>();
  /** Who has taken permits since there were none. */
  readonly #owners = new Set<string>();
  readonly #releases = new Map<string, number>();
  readonly #rates = new Map<string, RateState>();
  readonly #learned = new Map<string, KeptRecord>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#waiters = new ReleaseWaiters(clock);
    this.#line = new MemoryLine(clock);
  }

  async tryAcquire({ lane, limit, key, owner }: PermitRequest): Promise<boolean> {
    const permits = this.#living(lane);
    const holder = permits.get(key);
    if (holder !== undefined) return holder.owner === owner;
    const granted = permits.size + this.#line.ahead(lane, owner) < limit;
    if (granted) {
      permits.set(key, { key, owner, phase: 'waiting' });
      this.#owners.add(owner);
      // An owner that wants more goes to the end of the line.
      this.#line.remove(lane, owner);
    } else {
      this.#line.refused(lane, key, owner);
      this.#waiters.noteRefusal(lane, this.#releases.get(lane) ?? 0);
    }
    return granted;
  }

  async adopt({ lane, key, owner }: Omit<PermitRequest, 'limit'>): Promise<void> {
    this.#living(lane).set(key, { key, owner, phase: 'running' });
    this.#owners.add(owner);
  }

  async release(lane: string, key: string): Promise<void> {
    const permits = this.#permits.get(lane);
    const asked = this.#line.leave(lane, key);
    const held = permits?.delete(key) === true;
    if (permits?.size === 0) this.#permits.delete(lane);
    if (this.#permits.size === 0) this.#owners.clear();
    if (held || asked) this.#freed(lane);
  }

  async count(lane: string): Promise<number> {
    return this.#living(lane).size;
  }

  async waitForRelease(lane: string, maxWaitMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#waiters.isStale(lane, this.#releases.get(lane) ?? 0)) return;
    await this.#waiters.wait(lane, maxWaitMs, signal);
  }

  async reserveRate(lane: string, kind: 'submit' | 'query', perSecond: number): Promise<number> {
    checkRate(perSecond);
    const key = `${kind} ${lane}`;
    const { state, waitMs } = reserveMoment(this.#rates.get(key), perSecond, this.#clock.now());
    this.#rates.set(key, state);
    return waitMs;
  }

  isHeld(): boolean {
    return true;
  }

  async recallDurations(): Promise<readonly DurationRecord[]> {
    return [];
  }

  /** Nothing outlives the process, and each client keeps its own measurements. */
  async keepDurations(): Promise<void> {}

  async snapshotLane(lane: string, about: string): Promise<LaneView> {
    const permits = [...this.#living(lane).values()];
    const kept = this.#learned.get(recordKey(lane, about));
    if (kept === undefined) return { permits };
    const { learned, revision, keptAtMs } = kept;
    return { permits, record: { learned, revision, ageMs: this.#clock.monotonic() - keptAtMs } };
  }

  async compareAndSetLearned({ lane, about, learned, revision, phases, wake }: LearnedUpdate): Promise<boolean> {
    const id = recordKey(lane, about);
    if ((this.#learned.get(id)?.revision ?? 0) !== revision) return false;
    this.#learned.set(id, { learned, revision: revision + 1, keptAtMs: this.#clock.monotonic() });
    const permits = this.#permits.get(lane);
    for (const { key, phase } of phases) {
      const permit = permits?.get(key);
      if (permit !== undefined) permits?.set(key, { ...permit, phase });
    }
    if (wake) this.#freed(lane);
    return true;
  }

  async close(): Promise<void> {
    this.#waiters.wakeAll();
  }

  /** The lane's permits, without those of dead processes (an adopted one can be of another process). */
  #living(lane: string): Map<string, PermitView> {
    const permits = this.#permits.get(lane) ?? new Map<string, PermitView>();
    this.#permits.set(lane, permits);
    // There may be thousands of permits, but few owners.
    for (const owner of this.#owners) {
      if (isOwnerProcessAlive(owner) === false) this.#freeAll(permits, lane, owner);
    }
    return permits;
  }

  #freeAll(permits: Map<string, PermitView>, lane: string, owner: string): void {
    for (const [key, permit] of permits) {
      if (permit.owner !== owner) continue;
      permits.delete(key);
      this.#freed(lane);
    }
  }

  #freed(lane: string): void {
    this.#releases.set(lane, (this.#releases.get(lane) ?? 0) + 1);
    this.#waiters.wake(lane);
  }
}

function recordKey(lane: string, about: string): string {
  return `${about} ${lane}`;
}
