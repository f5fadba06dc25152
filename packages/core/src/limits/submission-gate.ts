import type { Lane } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import type { PermitStore } from '../stores/permit-store.ts';
import type { OnWaiting } from './unknown-outcome-holds.ts';
import type { SharedLimitState } from './shared-limit-state.ts';
import { LinkedAbort } from '../internal/linked-abort.ts';
import { say } from './limit-messages.ts';
import { RateBudget } from './rate-budget.ts';
import type { RateMark } from './rate-budget.ts';

/** What the entry of a lane needs. */
export interface SubmissionGateOptions {
  readonly lane: Lane;
  readonly limitState: SharedLimitState;
  readonly permits: PermitStore;
  readonly clock: Clock;
  readonly pauseMaxMs: number;
}

/** A submission that has its permit and wants to be sent. */
export interface Entrant {
  /** The attempt's key. */
  readonly key: string;
  /** Images of the submission, which some providers' rates count. */
  readonly images: number;
}

/**
 * The share of a documented rate that is used. Requests that left at an even distance arrive at an uneven one; over a second
 * this leaves 50 ms for that.
 */
export const rateShare = 0.95;
/** How long a waiting submission goes without a look at what other clients do, in milliseconds. */
export const snapshotIntervalMs = 1000;
/** The same while others have jobs out, for one of them may end at any moment. */
const othersIntervalMs = 100;

/**
 * Where submissions that have a permit wait until they may be sent: not above the limit, not during a pause (then one looks
 * whether it is over, of all clients that share the permits), not faster than the provider's rates.
 */
export class SubmissionGate {
  readonly #options: SubmissionGateOptions;
  readonly #rates = new RateBudget();
  /** What had been sent when the submission of that key was. */
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

  /** The account's rate as its answers tell it. */
  get rates(): RateBudget {
    return this.#rates;
  }

  /** What had been sent when the submission of that key was; undefined where it was not. */
  markOf(key: string): RateMark | undefined {
    return this.#marks.get(key);
  }

  /**
   * Jobs that ran or were being sent when the submission of that key was let in; 0 where others had none. Of the end of an own
   * job this client knows at once, of others' it hears before or after the answer to its submission, as it happens.
   */
  knownAtEntry(key: string): number {
    return this.#knownAtEntry.get(key) ?? 0;
  }

  forget(key: string): void {
    this.#marks.delete(key);
    this.#knownAtEntry.delete(key);
  }

  /** Waits until the submission may be sent. `inFlight`: accepted jobs of this client. Rejects with the signal's reason. */
  async enter(
    { key, images }: Entrant,
    inFlight: () => number,
    signal: AbortSignal,
    onWaiting: OnWaiting,
  ): Promise<void> {
    const { clock, lane, permits } = this.#options;
    let told: string | undefined;
    const tell: OnWaiting = (reason, waitMs) => {
      if (reason.message !== told) onWaiting(reason, Math.round(waitMs));
      told = reason.message;
    };
    await this.#untilItsTurn({ key, images }, inFlight, signal, tell);
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

  /** The submission was answered, or is not sent after all. */
  leave(key: string): void {
    this.#submitting -= 1;
    this.#options.limitState.changePause((pause) => pause.leave(key));
    this.changed();
  }

  /** Something has changed for which submissions may wait. */
  changed(): void {
    const change = this.#change;
    this.#change = Promise.withResolvers<void>();
    change.resolve();
  }

  async #untilItsTurn(
    { key, images }: Entrant,
    inFlight: () => number,
    signal: AbortSignal,
    tell: OnWaiting,
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
      if (pausedMs > 0) tell(say('lane-paused'), Math.min(pausedMs, pauseMaxMs));
      else if (rateMs > 0) tell(say('rate-used-up'), rateMs);
      else tell(say('lane-full'), waitMs);
      await this.#untilChange(waitMs, signal);
    }
  }

  /**
   * Counts the submission as being sent, at once. During a pause one is sent only, by whichever client was the first to say
   * that it looks whether the pause is over: false for all others.
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
      await Promise.race([
        this.#change.promise,
        this.#options.clock.sleep(maxWaitMs, wait.signal).catch(() => undefined),
      ]);
    } finally {
      wait.abort(undefined);
    }
    signal.throwIfAborted();
  }
}
