import type { Clock } from '../internal/clock.ts';

/**
 * Clients that wait for a permit of a lane. Releases are counted, and a refusal notes the count. So a release between the
 * refusal and the wait ends the wait at once.
 */
export class ReleaseWaiters {
  readonly #clock: Clock;
  readonly #wakers = new Map<string, Set<() => void>>();
  readonly #refusedAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get lanes(): Iterable<string> {
    return this.#wakers.keys();
  }

  get idle(): boolean {
    return this.#wakers.size === 0;
  }

  /** Notes that the lane was full after this many releases. */
  noteRefusal(lane: string, releases: number): void {
    this.#refusedAt.set(lane, releases);
  }

  /** Whether a permit was released since the last refusal. */
  isStale(lane: string, releases: number): boolean {
    return (this.#refusedAt.get(lane) ?? releases) !== releases;
  }

  wake(lane: string): void {
    for (const waker of this.#wakers.get(lane) ?? []) waker();
  }

  wakeAll(): void {
    for (const lane of this.#wakers.keys()) this.wake(lane);
  }

  /** Resolves on `wake` or after `maxWaitMs`; rejects with the signal's reason on abort. */
  async wait(lane: string, maxWaitMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const sleep = new AbortController();
    const end = () => sleep.abort();
    const wakers = this.#wakers.get(lane) ?? new Set();
    this.#wakers.set(lane, wakers.add(end));
    signal.addEventListener('abort', end, { once: true });
    try {
      await this.#clock.sleep(maxWaitMs, sleep.signal);
    } catch (error) {
      if (!sleep.signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', end);
      wakers.delete(end);
      if (wakers.size === 0 && this.#wakers.get(lane) === wakers) this.#wakers.delete(lane);
    }
    signal.throwIfAborted();
  }
}
