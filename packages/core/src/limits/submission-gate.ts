import type { Lane } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import type { PermitStore } from '../stores/permit-store.ts';
import type { OnWaiting } from './unknown-outcome-holds.ts';
import type { SharedLimitState } from './shared-limit-state.ts';
import { LinkedAbort } from '../internal/linked-abort.ts';
import { say } from './limit-messages.ts';
import { RateBudget } from './rate-budget.ts';
import type { RateMark } from './rate-budget.ts';

export interface SubmissionGateOptions {
  readonly lane: Lane;
  readonly limitState: SharedLimitState;
  readonly permits: PermitStore;
  readonly clock: Clock;
  readonly pauseMaxMs: number;
}

/** A submission that holds a permit. */
export interface Entrant {
  /** The attempt's key. */
  readonly key: string;
  /** Images of the submission; some providers' rates count them. */
  readonly images: number;
}

/**
 * The share of a documented rate that is used. Requests do not arrive as evenly as they leave; this allows for 50 ms in a
 * second.
 */
export const rateShare = 0.95;
/** How often a waiting submission looks at what other clients do. */
export const snapshotIntervalMs = 1000;
/** The same while other clients have jobs, which may end at any moment. */
const othersIntervalMs = 100;

/**
 * Where submissions with a permit wait until they may be sent: not above the limit, not during a pause (then one submission of
 * all clients probes whether it is over), not faster than the provider's rates.
 */
export class SubmissionGate {
  readonly #options: SubmissionGateOptions;
  readonly #rates = new RateBudget();
  /** What was sent up to each submission, by key. */
  readonly #marks = new Map<string, RateMark>();
  /** See `knownAtEntry`. */
  readonly #knownAtEntry = new Map<string, number>();
  #submitting = 0;
  #change = Promise.withResolvers<void>();

  constructor(options: SubmissionGateOptions) {
    this.#options = options;
  }

  /** Submissions that are being sent. */
  get submitting(): number {
    return this.#submitting;
  }

  /** The account's rate as answers report it. */
  get rates(): RateBudget {
    return this.#rates;
  }

  /** What was sent up to the key's submission; undefined if that was not sent. */
  markOf(key: string): RateMark | undefined {
    return this.#marks.get(key);
  }

  /**
   * Jobs that ran or were being sent when the key's submission entered; 0 if other clients had none. We see our own jobs end at
   * once; news of other clients' jobs may arrive late.
   */
  knownAtEntry(key: string): number {
    return this.#knownAtEntry.get(key) ?? 0;
  }

  forget(key: string): void {
    this.#marks.delete(key);
    this.#knownAtEntry.delete(key);
  }

  /** Waits until the submission may be sent. `inFlight`: accepted jobs of this client. Rejects with the signal's reason. */
  async enter(entrant: Entrant, inFlight: () => number, signal: AbortSignal, onWaiting: OnWaiting): Promise<void> {
    const { clock, lane, permits } = this.#options;
    const { key, images } = entrant;
    let reported: string | undefined;
    const report: OnWaiting = (reason, waitMs) => {
      if (reason.message !== reported) onWaiting(reason, Math.round(waitMs));
      reported = reason.message;
    };
    await this.#untilItsTurn(entrant, inFlight, signal, report);
    this.#marks.set(key, this.#rates.take(clock.monotonic(), images));
    try {
      const { submissionsPerSecond } = lane;
      if (submissionsPerSecond === undefined) return;
      const waitMs = await permits.reserveRate(lane.id, 'submit', submissionsPerSecond * rateShare);
      if (waitMs > 0) await clock.sleep(waitMs, signal);
    } catch (error) {
      this.leave(key);
      throw error;
    }
  }

  /** The submission was answered, or is not sent. */
  leave(key: string): void {
    this.#submitting -= 1;
    this.#options.limitState.changePause((pause) => pause.leave(key));
    this.changed();
  }

  /** Wakes waiting submissions. */
  changed(): void {
    const change = this.#change;
    this.#change = Promise.withResolvers<void>();
    change.resolve();
  }

  async #untilItsTurn(
    { key, images }: Entrant,
    inFlight: () => number,
    signal: AbortSignal,
    report: OnWaiting,
  ): Promise<void> {
    const { limitState, clock, pauseMaxMs } = this.#options;
    const { estimator, pause } = limitState;
    for (;;) {
      signal.throwIfAborted();
      await limitState.look();
      const now = clock.monotonic();
      const { running, before } = limitState.elsewhere(key);
      const [ran, sent] = [inFlight() + running, this.#submitting + before];
      const fullMs = estimator.waitMs(now, ran, sent);
      const pausedMs = pause.leftMs(now);
      const rateMs = this.#rates.waitMs(now, images);
      if (fullMs <= 0 && pausedMs <= 0 && rateMs <= 0) {
        if (running + before > 0) this.#knownAtEntry.set(key, ran + sent);
        else this.#knownAtEntry.delete(key);
        if (await this.#begins(key)) return;
        continue;
      }
      const longestMs = running + before > 0 ? othersIntervalMs : snapshotIntervalMs;
      const waitMs = Math.min(longestMs, Math.max(1, fullMs, pausedMs, rateMs));
      if (pausedMs > 0) report(say('lane-paused'), Math.min(pausedMs, pauseMaxMs));
      else if (rateMs > 0) report(say('rate-used-up'), rateMs);
      else report(say('lane-full'), waitMs);
      await this.#untilChange(waitMs, signal);
    }
  }

  /**
   * Counts the submission as being sent. During a pause only one submission of all clients may probe: the first to write its
   * key. Resolves false for the others.
   */
  async #begins(key: string): Promise<boolean> {
    const { limitState } = this.#options;
    this.#submitting += 1;
    if (!limitState.pause.active) return true;
    limitState.changePause((pause) => pause.enter(key));
    await limitState.settled();
    if (limitState.pause.prober === key) return true;
    this.#submitting -= 1;
    return false;
  }

  async #untilChange(maxWaitMs: number, signal: AbortSignal): Promise<void> {
    const wait = new LinkedAbort([signal]);
    try {
      const timeout = this.#options.clock.sleep(maxWaitMs, wait.signal).catch(() => undefined);
      await Promise.race([this.#change.promise, timeout]);
    } finally {
      wait.abort(undefined);
    }
    signal.throwIfAborted();
  }
}
