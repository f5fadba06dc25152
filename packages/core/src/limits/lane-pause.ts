import type { ImageError, Lane, Logger } from '../contract/index.ts';

export interface LanePauseOptions {
  readonly lane: Lane;
  readonly random: () => number;
  readonly logger: Logger;
  readonly pauseBaseMs: number;
  readonly pauseMaxMs: number;
}

/** A pause as plain JSON. Times are relative, so that clients with other clocks can read it. */
export interface PauseState {
  readonly leftMs: number;
  readonly refusals: number;
  readonly forLimit: boolean;
  /** The key of the submission that probes whether the pause is over; null = none. */
  readonly prober: string | null;
}

/** After a refusal nothing is sent for a while; then one submission, not every task, probes whether it is over. */
export class LanePause {
  readonly #options: LanePauseOptions;
  #untilMs = 0;
  /** Refusals in a row; 0 = no pause. */
  #refusals = 0;
  #forLimit = false;
  #prober: string | undefined;

  constructor(options: LanePauseOptions) {
    this.#options = options;
  }

  /** True while paused, even if the time has expired. */
  get active(): boolean {
    return this.#refusals > 0;
  }

  /** The key of the submission that probes whether the pause is over. */
  get prober(): string | undefined {
    return this.#prober;
  }

  state(nowMs: number): PauseState {
    return {
      leftMs: this.#untilMs - nowMs,
      refusals: this.#refusals,
      forLimit: this.#forLimit,
      prober: this.#prober ?? null,
    };
  }

  /** Takes over another client's pause as it was at `atMs` of this client's clock. */
  restore(state: PauseState, atMs: number): void {
    this.#untilMs = atMs + state.leftMs;
    this.#refusals = state.refusals;
    this.#forLimit = state.forLimit;
    this.#prober = state.prober ?? undefined;
  }

  /** How long nothing may be sent, in milliseconds; infinite while another submission probes. */
  leftMs(nowMs: number): number {
    if (this.#refusals === 0) return 0;
    return this.#prober !== undefined ? Number.POSITIVE_INFINITY : this.#untilMs - nowMs;
  }

  /** A submission is sent; during a pause the first one becomes the probe. */
  enter(key: string): void {
    if (this.active) this.#prober ??= key;
  }

  /** A submission was answered. */
  leave(key: string): void {
    if (this.#prober === key) this.#prober = undefined;
  }

  /** A submission was accepted. */
  end(): void {
    this.#refusals = 0;
    this.#prober = undefined;
  }

  /** A slot's tail is longer than known: the next try comes after `stepMs`. */
  forTail(nowMs: number, stepMs: number): void {
    const { pauseBaseMs, pauseMaxMs } = this.#options;
    this.#begin(nowMs + Math.min(pauseMaxMs, Math.max(pauseBaseMs, stepMs)), true);
  }

  /** Another program uses the account, or the service is overloaded: waits what the provider asks, else exponentially with jitter. */
  forRefusal(nowMs: number, error: ImageError): void {
    const { random, pauseBaseMs, pauseMaxMs, logger, lane } = this.#options;
    const exponentialMs = Math.min(pauseMaxMs, pauseBaseMs * 2 ** this.#refusals);
    const waitMs = error.retryAfterMs ?? exponentialMs * (0.5 + 0.5 * random());
    logger.debug({ lane: lane.label, kind: error.kind, code: error.code, waitMs }, 'lane paused after a refusal');
    this.#begin(nowMs + waitMs, error.kind === 'concurrency-limit');
  }

  /** A place is free, which ends the reason for a pause at the limit of running jobs. */
  shorten(untilMs: number): void {
    if (this.#forLimit) this.#untilMs = Math.min(this.#untilMs, untilMs);
  }

  #begin(untilMs: number, forLimit: boolean): void {
    this.#refusals += 1;
    this.#forLimit = forLimit;
    this.#untilMs = untilMs;
  }
}
