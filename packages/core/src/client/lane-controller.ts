import PQueue from 'p-queue';
import type { ImageError, Lane, LimitSignal, Logger, RateReport } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import type { PermitStore } from '../stores/permit-store.ts';
import { FairQueue } from './fair-queue.ts';
import type { FairQueueOptions } from './fair-queue.ts';
import { LaneDurations } from './lane-durations.ts';
import { LaneHolds } from './lane-holds.ts';
import type { OnWaiting } from './lane-holds.ts';
import { LanePause } from './lane-pause.ts';
import { createLanePermit } from './lane-permit.ts';
import type { LanePermit } from './lane-permit.ts';
import type { LaneStats } from './lane-stats.ts';
import { LimitEstimator } from './limit-estimator.ts';
import { LinkedAbort } from './linked-abort.ts';
import { QueryQueue } from './query-queue.ts';
import { RateBudget } from './rate-budget.ts';
import type { RateMark } from './rate-budget.ts';

/** What a lane needs from its client. */
export interface LaneControllerOptions {
  readonly lane: Lane;
  /** Permits at once, or `"auto"`: as `limitSignal` shows. */
  readonly maxConcurrent: number | 'auto';
  /**
   * What `"auto"` goes by: with `refusal` it fills until refused; with `headers` it begins with the lane's default and
   * sends, once answers tell the account's rate, whatever the rate allows; with `none` it keeps to the lane's default.
   */
  readonly limitSignal: LimitSignal;
  readonly permits: PermitStore;
  readonly owner: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly pauseBaseMs: number;
  readonly pauseMaxMs: number;
  /** Whether the lane stands back because its backend fails and another lane is well. Default: never. */
  readonly standsBack?: () => boolean;
}

/** Whose turn it is. */
export interface Turn {
  /** The attempt's key. */
  readonly key: string;
  readonly priority: number;
  /** Scopes of equal priority take turns. */
  readonly scope: string;
  /** Images of the submission, which some providers' rates count. */
  readonly images: number;
  /** Is told why the wait for a place takes long. */
  readonly onWaiting?: OnWaiting;
}

/** With `"auto"`, the most jobs at once that are ever tried. */
const autoCeiling = 64;
/**
 * The share of a documented rate that is used. Requests that left at an even distance arrive at an uneven one; over a second
 * this leaves 50 ms for that.
 */
const rateShare = 0.95;
/** How long a waiting submission goes without a look at what other processes do, in milliseconds. */
const lookAroundMs = 1000;
/** The same while others have jobs out, for one of them may end at any moment. */
const lookAtOthersMs = 100;
/** How often a lane that stands back looks whether it is needed. */
const standBackMs = 250;

/**
 * One lane of one client. p-queue orders the waiting tasks (priority, then scopes in turn, then first come), permits bound
 * the jobs that really run, and what the provider accepts and refuses teaches how many that may be.
 */
export class LaneController {
  readonly lane: Lane;
  readonly durations: LaneDurations;
  readonly #options: LaneControllerOptions;
  #most: number;
  readonly #queue: PQueue<FairQueue, FairQueueOptions>;
  readonly #queries: QueryQueue;
  readonly #estimator: LimitEstimator;
  readonly #pause: LanePause;
  readonly #rates = new RateBudget();
  readonly #holds = new LaneHolds();
  /** What had been sent when the submission of that key was. */
  readonly #marks = new Map<string, RateMark>();
  readonly #timers = new Set<AbortController>();
  /** Permits of this client that are out. */
  #held = 0;
  #inFlight = 0;
  #submitting = 0;
  /** Permits that other clients had at the last look. */
  #elsewhere = 0;
  #change = Promise.withResolvers<void>();
  #refusals = 0;

  constructor(options: LaneControllerOptions) {
    const { lane, maxConcurrent, limitSignal, permits, clock, logger } = options;
    this.#options = options;
    this.lane = lane;
    const auto = maxConcurrent === 'auto';
    const fillUp = auto && limitSignal === 'refusal';
    this.#most = fillUp ? autoCeiling : auto ? lane.defaultMaxConcurrent : maxConcurrent;
    this.#estimator = new LimitEstimator(auto ? autoCeiling : maxConcurrent, fillUp);
    this.#pause = new LanePause(options);
    this.durations = new LaneDurations({ lane: lane.id, permits, logger });
    const perSecond = lane.queriesPerSecond === undefined ? undefined : lane.queriesPerSecond * rateShare;
    this.#queries = new QueryQueue({ lane: lane.id, perSecond, permits, clock });
    this.#queue = new PQueue({ concurrency: this.limit, queueClass: FairQueue });
  }

  /** The most permits that may be out now. */
  get limit(): number {
    return Math.min(this.#most, this.#estimator.limit + (this.#estimator.mayProbe ? 1 : 0));
  }

  /** Tasks of this client that have a permit or wait for one. */
  get load(): number {
    return this.#queue.size + this.#queue.pending;
  }

  /** Whether tasks wait for a permit. */
  get queued(): boolean {
    return this.#queue.size > 0 || this.#held > this.#inFlight;
  }

  /** Whether nothing is sent for a while after a refusal. */
  get paused(): boolean {
    return this.#pause.leftMs(this.#now) > 0;
  }

  /** Milliseconds for which a slot stays taken after its job is over, as learned. */
  get slotTailMs(): number {
    return this.#estimator.tail.estimateMs;
  }

  get stats(): LaneStats {
    return {
      lane: this.lane.id,
      label: this.lane.label,
      waiting: this.#queue.size,
      inFlight: this.#inFlight,
      limit: this.limit,
      ...(this.#estimator.learned ? { learnedLimit: this.#estimator.limit } : {}),
      slotTailMs: Math.round(this.slotTailMs),
      pausedForMs: Math.max(0, Math.round(this.#pause.leftMs(this.#now))),
      refusals: this.#refusals,
    };
  }

  /** Waits for a place among `limit` permits, shared as widely as the permit store is. Rejects with the signal's reason. */
  async acquire(turn: Turn, signal: AbortSignal): Promise<LanePermit> {
    signal.throwIfAborted();
    await this.durations.recall();
    signal.throwIfAborted();
    const granted = Promise.withResolvers<LanePermit>();
    // p-queue's own signal would free the place of a task that holds a permit, so it ends the waiting only.
    const waiting = new AbortController();
    let held = false;
    const onAbort = (): void => {
      granted.reject(signal.reason);
      if (!held) waiting.abort(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const leaveWait = this.#holds.enter(turn.onWaiting, this.#now);
    const work = (): Promise<void> => {
      held = true;
      return this.#hold(turn, signal, granted);
    };
    const queued = this.#queue.add(work, { ...turn, signal: waiting.signal } as FairQueueOptions);
    queued.catch((error: unknown) => granted.reject(error));
    try {
      return await granted.promise;
    } finally {
      leaveWait();
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** A permit for a job that runs already, whatever the limit says. */
  async adopt(key: string): Promise<LanePermit> {
    await this.#options.permits.adopt({ lane: this.lane.id, key, owner: this.#options.owner });
    this.#held += 1;
    this.#inFlight += 1;
    return this.#permit({ key, images: 0 }, () => undefined, 'in-flight');
  }

  /**
   * Waits until the provider may be asked for the state of a job: never faster than its documented rate, and of several jobs
   * the one of the greatest urgency first.
   */
  async enterQuery(signal: AbortSignal, urgency: () => number): Promise<void> {
    await this.#queries.enter(signal, urgency);
  }

  /** The place of that key is held for so long, since nobody knows whether its submission arrived. */
  holdUnknown(key: string, holdMs: number): void {
    this.#holds.add(key, this.#now, holdMs);
  }

  /** The answer to the submission of that key told of the account's rate. */
  learnRate(key: string, report: RateReport): void {
    const mark = this.#marks.get(key);
    if (mark === undefined) return;
    this.#rates.learn(this.#now, report, mark);
    const { maxConcurrent, limitSignal } = this.#options;
    if (maxConcurrent === 'auto' && limitSignal === 'headers')
      this.#most = Math.min(autoCeiling, Math.max(this.lane.defaultMaxConcurrent, Math.ceil(this.#rates.perMinute)));
    this.#changed();
  }

  /** Ends the waits of slots that are to be given on later, and keeps what was measured. */
  async close(): Promise<void> {
    for (const timer of this.#timers) timer.abort();
    this.#queries.close();
    await this.durations.settled();
  }

  get #now(): number {
    return this.#options.clock.monotonic();
  }

  async #hold(turn: Turn, signal: AbortSignal, granted: PromiseWithResolvers<LanePermit>): Promise<void> {
    if (signal.aborted) return;
    while (this.#options.standsBack?.() === true) await this.#options.clock.sleep(standBackMs, signal);
    await this.#take(turn.key, signal);
    this.#held += 1;
    const over = Promise.withResolvers<void>();
    const permit = this.#permit(turn, over.resolve, 'held');
    granted.resolve(permit);
    // Who was aborted a moment before does not take it any more.
    if (signal.aborted) permit.release();
    await over.promise;
  }

  async #take(key: string, signal: AbortSignal): Promise<void> {
    const { permits, owner } = this.#options;
    const lane = this.lane.id;
    try {
      while (!(await permits.tryAcquire({ lane, limit: this.limit, key, owner }))) {
        await permits.waitForRelease(lane, lookAroundMs, signal);
      }
      signal.throwIfAborted();
    } catch (error) {
      // Also the place in the line of those who wait.
      await permits.release(lane, key);
      throw error;
    }
  }

  /** A permit whose lease ran out while its task waited is taken again, within the limit, before anything is sent. */
  async #keep(key: string, signal: AbortSignal): Promise<void> {
    const { permits } = this.#options;
    if (permits.isHeld?.(this.lane.id, key) !== false) return;
    await permits.release(this.lane.id, key);
    await this.#take(key, signal);
  }

  async #enterSubmission(
    { key, images }: Pick<Turn, 'key' | 'images'>,
    signal: AbortSignal,
    onWaiting: OnWaiting,
  ): Promise<void> {
    let told: string | undefined;
    const tell = (reason: string, waitMs: number): void => {
      if (reason !== told) onWaiting(reason, Math.round(waitMs));
      told = reason;
    };
    for (;;) {
      signal.throwIfAborted();
      await this.#lookAround();
      const now = this.#now;
      const fullMs = this.#estimator.waitMs(now, this.#inFlight + this.#elsewhere, this.#submitting);
      const pausedMs = this.#pause.leftMs(now);
      const rateMs = this.#rates.waitMs(now, images);
      if (fullMs <= 0 && pausedMs <= 0 && rateMs <= 0) break;
      const longestMs = this.#elsewhere > 0 ? lookAtOthersMs : lookAroundMs;
      const waitMs = Math.min(longestMs, Math.max(1, fullMs, pausedMs, rateMs));
      if (pausedMs > 0) tell('the lane is paused after a refusal', Math.min(pausedMs, this.#options.pauseMaxMs));
      else if (rateMs > 0) tell("the account's rate is used up", rateMs);
      else tell('the account has reached its limit of running jobs', waitMs);
      await this.#untilChange(waitMs, signal);
    }
    this.#pause.enter();
    this.#submitting += 1;
    this.#marks.set(key, this.#rates.take(this.#now, images));
    try {
      const { submissionsPerSecond } = this.lane;
      if (submissionsPerSecond === undefined) return;
      const rate = submissionsPerSecond * rateShare;
      const waitMs = await this.#options.permits.reserveRate(this.lane.id, 'submit', rate);
      if (waitMs > 0) await this.#options.clock.sleep(waitMs, signal);
    } catch (error) {
      this.#leaveSubmission();
      throw error;
    }
  }

  /** What other clients have out counts as well, where more than one job may run. */
  async #lookAround(): Promise<void> {
    if (this.#most === 1) return;
    this.#elsewhere = Math.max(0, (await this.#options.permits.count(this.lane.id)) - this.#held);
  }

  #leaveSubmission(): void {
    this.#submitting -= 1;
    this.#pause.leave();
    this.#changed();
  }

  #accepted(learn: boolean): void {
    if (learn) this.#estimator.accepted(this.#now, this.#inFlight + this.#elsewhere);
    this.#inFlight += 1;
    this.#pause.end();
    this.#leaveSubmission();
  }

  #refused(error: ImageError): void {
    const now = this.#now;
    this.#refusals += 1;
    if (error.kind === 'concurrency-limit') {
      const others = this.#submitting - 1;
      const meaning = this.#estimator.refused(now, this.#inFlight + this.#elsewhere, others);
      const known = this.#inFlight + this.#elsewhere + others;
      if (meaning === 'tail') this.#pause.forTail(now, this.#estimator.tailStepMs(now, known));
      if (meaning === 'elsewhere') this.#pause.forRefusal(now, error);
      // Others may have begun since the last look; whoever learned too little would wait for ever behind them.
      const seen = (): void => this.#estimator.seen(this.#elsewhere);
      void this.#lookAround().then(seen, () => undefined);
    } else this.#pause.forRefusal(now, error);
    this.#leaveSubmission();
  }

  #ended(withinMs: number, giveOn: () => void): void {
    const end = { atMs: this.#now, withinMs };
    this.#inFlight -= 1;
    this.#estimator.ended(end);
    const giveOnAfterMs = this.#estimator.giveOnAfterMs(end);
    // A place has become free: a pause for the limit of running jobs has lost its reason.
    this.#pause.shorten(this.#now + giveOnAfterMs);
    this.#changed();
    this.#later(giveOnAfterMs, giveOn);
  }

  #permit(turn: Pick<Turn, 'key' | 'images'>, over: () => void, from: 'held' | 'in-flight'): LanePermit {
    const { key } = turn;
    const giveOn = (): void => {
      this.#held -= 1;
      this.#marks.delete(key);
      this.#holds.delete(key);
      this.#options.permits.release(this.lane.id, key).catch((error: unknown) => {
        this.#options.logger.warn({ lane: this.lane.label, error: String(error) }, 'a permit could not be given back');
      });
      over();
      this.#changed();
    };
    return createLanePermit(key, from, {
      enter: (signal, onWaiting) => this.#enterSubmission(turn, signal, onWaiting),
      keep: (signal) => this.#keep(key, signal),
      leave: () => this.#leaveSubmission(),
      accepted: (learn) => this.#accepted(learn),
      refused: (error) => this.#refused(error),
      ended: (withinMs) => this.#ended(withinMs, giveOn),
      gone: () => (this.#inFlight -= 1),
      giveOn,
    });
  }

  #later(delayMs: number, work: () => void): void {
    if (delayMs < 1) return work();
    const timer = new AbortController();
    this.#timers.add(timer);
    void this.#options.clock
      .sleep(delayMs, timer.signal)
      .catch(() => undefined)
      .finally(() => {
        this.#timers.delete(timer);
        work();
      });
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

  /** Wakes what waits, and lets the queue follow the limit. */
  #changed(): void {
    if (this.#queue.concurrency !== this.limit) this.#queue.concurrency = this.limit;
    const change = this.#change;
    this.#change = Promise.withResolvers<void>();
    change.resolve();
  }
}
