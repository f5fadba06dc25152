import type { CircuitBreakerPolicy } from 'cockatiel';
import { ImageError } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import { say } from './limit-messages.ts';
import type { OnWaiting } from './unknown-outcome-holds.ts';

/** After this many faults in a row nothing is sent for a while. */
const faultsInARow = 8;
/** How long nothing is sent before one submission probes. */
const pauseMs = 10_000;
/** Tasks wait for an outage until it is this old; then they fail at once, so that a long batch ends. */
const patienceMs = 60_000;

/** Faults of the backend, which the breaker counts; not the caller's mistakes, aborts or limits. */
function isBackendFault(error: unknown): boolean {
  return (
    ImageError.isInstance(error) &&
    (error.kind === 'unavailable' || error.kind === 'timeout' || error.kind === 'bad-response') &&
    error.outcome !== 'rejected'
  );
}

/** The circuit breaker of one lane: a backend that keeps failing is left alone for a while. */
export class LaneHealth {
  readonly #backend: string;
  readonly #clock: Clock;
  #breaker: Promise<CircuitBreakerPolicy> | undefined;
  #outageSinceMs: number | undefined;
  #closedUntilMs = 0;

  constructor(backend: string, clock: Clock) {
    this.#backend = backend;
    this.#clock = clock;
  }

  /** Whether a submission may be tried now. */
  get usable(): boolean {
    return this.#clock.monotonic() >= this.#closedUntilMs;
  }

  /**
   * Resolves when a submission may be tried.
   * @throws {ImageError} kind `unavailable`, outcome `not-submitted`, in a long outage.
   */
  async untilUsable(signal: AbortSignal, onWaiting: OnWaiting): Promise<void> {
    for (;;) {
      const now = this.#clock.monotonic();
      if (now >= this.#closedUntilMs) return;
      if (now - (this.#outageSinceMs ?? now) >= patienceMs) throw this.#outage();
      const waitMs = Math.ceil(this.#closedUntilMs - now);
      onWaiting(say('failed-in-a-row', { backend: this.#backend, count: faultsInARow }), waitMs);
      await this.#clock.sleep(waitMs, signal);
    }
  }

  /** Runs a submission and counts its fault. @throws {ImageError} with code `circuit-open` while another one probes. */
  async execute<T>(work: () => Promise<T>): Promise<T> {
    const breaker = await (this.#breaker ??= this.#createBreaker());
    return breaker.execute(work).catch((error: unknown) => {
      // Recognised by its mark, because the library with its class loads late.
      if (error instanceof Error && 'isBrokenCircuitError' in error) throw this.#outage();
      throw error;
    });
  }

  /** Loads the breaker's library at the first submission, so that importing this package stays cheap. */
  async #createBreaker(): Promise<CircuitBreakerPolicy> {
    const { circuitBreaker, ConsecutiveBreaker, handleWhen } = await import('cockatiel');
    const breaker = circuitBreaker(handleWhen(isBackendFault), {
      // `untilUsable` keeps the pause itself, on the injected clock.
      halfOpenAfter: 1,
      breaker: new ConsecutiveBreaker(faultsInARow),
    });
    breaker.onBreak(() => {
      const now = this.#clock.monotonic();
      this.#outageSinceMs ??= now;
      this.#closedUntilMs = now + pauseMs;
    });
    breaker.onReset(() => {
      this.#outageSinceMs = undefined;
      this.#closedUntilMs = 0;
    });
    return breaker;
  }

  #outage(): ImageError {
    return new ImageError({
      kind: 'unavailable',
      outcome: 'not-submitted',
      backend: this.#backend,
      code: circuitOpen,
      retryable: false,
      retryAfterMs: pauseMs,
      ...say('outage', { backend: this.#backend }),
    });
  }
}

/** The code of the error for a submission that the breaker stopped. */
export const circuitOpen = 'circuit-open';
