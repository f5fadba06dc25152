import { systemClock, type Clock } from '../internal/clock.ts';
import { isOwnerProcessAlive } from './owner.ts';
import type { PermitRequest, PermitStore } from './permit-store.ts';
import { checkRate, reserveMoment, type RateState } from './rate-reservation.ts';
import { ReleaseWaiters } from './release-waiters.ts';

/** What `createMemoryPermits` takes. */
export interface MemoryPermitsOptions {
  /** For tests: a clock. */
  readonly internal?: { readonly clock?: Clock };
}

/** Permits of one process. Clients share an account's limit by sharing the object. */
export function createMemoryPermits(options: MemoryPermitsOptions = {}): PermitStore {
  return new MemoryPermits(options.internal?.clock ?? systemClock);
}

class MemoryPermits implements PermitStore {
  readonly reach = 'process';
  readonly #clock: Clock;
  readonly #waiters: ReleaseWaiters;
  /** Owner by key, for each lane. */
  readonly #permits = new Map<string, Map<string, string>>();
  readonly #releases = new Map<string, number>();
  readonly #rates = new Map<string, RateState>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#waiters = new ReleaseWaiters(clock);
  }

  async tryAcquire({ lane, limit, key, owner }: PermitRequest): Promise<boolean> {
    const permits = this.#living(lane);
    const holder = permits.get(key);
    const granted = holder === undefined ? permits.size < limit : holder === owner;
    if (granted) permits.set(key, owner);
    else this.#waiters.noteRefusal(lane, this.#releases.get(lane) ?? 0);
    return granted;
  }

  async adopt({ lane, key, owner }: Omit<PermitRequest, 'limit'>): Promise<void> {
    this.#living(lane).set(key, owner);
  }

  async release(lane: string, key: string): Promise<void> {
    const permits = this.#permits.get(lane);
    if (permits?.delete(key) !== true) return;
    if (permits.size === 0) this.#permits.delete(lane);
    this.#freed(lane);
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

  async close(): Promise<void> {
    this.#waiters.wakeAll();
  }

  /** The lane's permits without those of processes that are gone (adopted ones can be of another process). */
  #living(lane: string): Map<string, string> {
    const permits = this.#permits.get(lane) ?? new Map<string, string>();
    this.#permits.set(lane, permits);
    for (const [key, owner] of permits) {
      if (isOwnerProcessAlive(owner) !== false) continue;
      permits.delete(key);
      this.#freed(lane);
    }
    return permits;
  }

  #freed(lane: string): void {
    this.#releases.set(lane, (this.#releases.get(lane) ?? 0) + 1);
    this.#waiters.wake(lane);
  }
}
