import type { Clock } from '@holodeck/core/backend';

/**
 * Wakes callers in this process that wait for changes of a session. Changes by other processes are found by polling, so every wait
 * is bounded.
 */
export class SessionHub {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something of the session has changed. */
  notify(sessionId: string): void {
    const waiting = this.#waiting.get(sessionId);
    this.#waiting.delete(sessionId);
    for (const wake of waiting ?? []) wake();
  }

  /** Resolves at the next change in this process, or after `maxWaitMs`; rejects with the signal's reason on abort. */
  async wait(sessionId: string, maxWaitMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const timeout = new AbortController();
    let wake: (() => void) | undefined;
    const changed = new Promise<void>((resolve) => {
      wake = resolve;
      const waiting = this.#waiting.get(sessionId) ?? new Set();
      waiting.add(resolve);
      this.#waiting.set(sessionId, waiting);
    });
    const signals = signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, signal]);
    try {
      await Promise.race([changed, this.#clock.sleep(maxWaitMs, signals)]);
    } finally {
      timeout.abort();
      if (wake !== undefined) this.#waiting.get(sessionId)?.delete(wake);
    }
  }
}
