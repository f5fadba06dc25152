import PQueue from 'p-queue';
import type { ImageError, Lane, LimitSignal, Logger, RateReport } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import type { PermitStore } from '../stores/permit-store.ts';
import { FairQueue } from './fair-queue.ts';
import type { FairQueueOptions } from './fair-queue.ts';
import { LaneDurations } from '../polling/lane-durations.ts';
import { SubmissionGate, snapshotIntervalMs, rateShare } from './submission-gate.ts';
import type { Entrant } from './submission-gate.ts';
import { UnknownOutcomeHolds } from './unknown-outcome-holds.ts';
import type { OnWaiting } from './unknown-outcome-holds.ts';
import { autoCeiling, SharedLimitState } from './shared-limit-state.ts';
import { createLanePermit } from './lane-permit.ts';
import type { LanePermit } from './lane-permit.ts';
import type { LaneStats } from './lane-stats.ts';
import { QueryQueue } from '../polling/query-queue.ts';

/** What a lane needs from its client. */
export interface LaneSchedulerOptions {
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
  /** Whether the lane yields because its backend fails and another lane is healthy. Default: never. */
  readonly yieldsToHealthyLane?: () => boolean;
}

/** Whose turn it is. */
export interface Turn extends Entrant {
  readonly priority: number;
  /** Scopes of equal priority take turns. */
  readonly scope: string;
  /** Is told why the wait for a place takes long. */
  readonly onWaiting?: OnWaiting;
}

/** How often a lane that yields looks whether it is needed. */
const yieldCheckMs = 250;

/**
 * One lane of one client. p-queue orders the waiting tasks (priority, then scopes in turn, then first come), permits bound
 * the jobs that really run, and what the provider accepts and refuses teaches how many that may be.
 */
export class LaneScheduler {
  readonly lane: Lane;
  readonly durations: LaneDurations;
  readonly #options: LaneSchedulerOptions;
  #most: number;
  readonly #queue: PQueue<FairQueue, FairQueueOptions>;
  readonly #queries: QueryQueue;
  readonly #limitState: SharedLimitState;
  readonly #gate: SubmissionGate;
  readonly #holds = new UnknownOutcomeHolds();
  readonly #timers = new Set<AbortController>();
  /** Permits of this client that are out. */
  #held = 0;
  #inFlight = 0;
  #refusals = 0;
  /** What the last answers mean is being found out. */
  #interpreting: Promise<unknown> = Promise.resolve();

  constructor(options: LaneSchedulerOptions) {
    const { lane, maxConcurrent, limitSignal, permits, clock, logger } = options;
    this.#options = options;
    this.lane = lane;
    const auto = maxConcurrent === 'auto';
    const fillUp = auto && limitSignal === 'refusal';
    this.#most = fillUp ? autoCeiling : auto ? lane.defaultMaxConcurrent : maxConcurrent;
    const limitState = new SharedLimitState(options, () => this.#changed());
    this.#limitState = limitState;
    this.#gate = new SubmissionGate({ lane, limitState, permits, clock, pauseMaxMs: options.pauseMaxMs });
    this.durations = new LaneDurations({ lane: lane.id, permits, logger });
    const perSecond = lane.queriesPerSecond === undefined ? undefined : lane.queriesPerSecond * rateShare;
    this.#queries = new QueryQueue({ lane: lane.id, perSecond, permits, clock });
    this.#queue = new PQueue({ concurrency: this.limit, queueClass: FairQueue });
  }

  /** The most permits that may be out now. */
  get limit(): number {
    return Math.min(this.#most, this.#limitState.width);
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
    return this.#limitState.pause.leftMs(this.#now) > 0;
  }

  /** Milliseconds for which a slot stays taken after its job is over, as learned. */
  get slotTailMs(): number {
    return this.#limitState.estimator.tail.estimateMs;
  }

  get stats(): LaneStats {
    const { estimator, pause } = this.#limitState;
    return {
      lane: this.lane.id,
      label: this.lane.label,
      waiting: this.#queue.size,
      inFlight: this.#inFlight,
      limit: this.limit,
      ...(estimator.learned ? { learnedLimit: estimator.limit } : {}),
      slotTailMs: Math.round(this.slotTailMs),
      pausedForMs: Math.max(0, Math.round(pause.leftMs(this.#now))),
      refusals: this.#refusals,
    };
  }

  /** Waits for a place among `limit` permits, shared as widely as the permit store is. Rejects with the signal's reason. */
  async acquire(turn: Turn, signal: AbortSignal): Promise<LanePermit> {
    signal.throwIfAborted();
    await Promise.all([this.durations.recall(), this.#limitState.recall()]);
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
    const mark = this.#gate.markOf(key);
    if (mark === undefined) return;
    const { rates } = this.#gate;
    rates.learn(this.#now, report, mark);
    const { maxConcurrent, limitSignal } = this.#options;
    if (maxConcurrent === 'auto' && limitSignal === 'headers')
      this.#most = Math.min(autoCeiling, Math.max(this.lane.defaultMaxConcurrent, Math.ceil(rates.perMinute)));
    this.#changed();
  }

  /** Ends the waits of slots that are to be released later, and keeps what was measured. */
  async close(): Promise<void> {
    for (const timer of this.#timers) timer.abort();
    this.#queries.close();
    await this.#interpreting;
    await Promise.all([this.durations.settled(), this.#limitState.settled()]);
  }

  get #now(): number {
    return this.#options.clock.monotonic();
  }

  async #hold(turn: Turn, signal: AbortSignal, granted: PromiseWithResolvers<LanePermit>): Promise<void> {
    if (signal.aborted) return;
    while (this.#options.yieldsToHealthyLane?.() === true) await this.#options.clock.sleep(yieldCheckMs, signal);
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
      for (;;) {
        const { limit } = this;
        if (await permits.tryAcquire({ lane, limit, key, owner })) break;
        await this.#limitState.look();
        // Others may have found room for more.
        if (this.limit <= limit) await permits.waitForRelease(lane, snapshotIntervalMs, signal);
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

  #accepted(key: string, learn: boolean): void {
    const { now, own } = this.#moment();
    this.#inFlight += 1;
    this.#interpret(key, () => {
      const { running } = this.#limitState.elsewhere(key);
      this.#limitState.learnLimit((estimator) => learn && estimator.accepted(now, own + running), {
        key,
        phase: 'running',
      });
      this.#limitState.changePause((pause) => pause.end());
    });
  }

  #refused(key: string, error: ImageError): void {
    const { now, own, submitting } = this.#moment();
    this.#refusals += 1;
    this.#interpret(key, () => {
      const limitState = this.#limitState;
      if (error.kind !== 'concurrency-limit') {
        limitState.changePause((pause) => pause.forRefusal(now, error));
        return;
      }
      const { running, before } = limitState.elsewhere(key);
      // Those who came before may have been accepted by now, as far as this client can know. And jobs of others that ended while
      // the answer was on its way may have been in the way still.
      const others = Math.max(submitting - 1 + before, this.#gate.knownAtEntry(key) - own - running);
      const meaning = limitState.learnLimit((estimator) => estimator.refused(now, own + running, others));
      const stepMs = limitState.estimator.tailStepMs(now, own + running + others);
      if (meaning === 'tail') limitState.changePause((pause) => pause.forTail(now, stepMs));
      if (meaning === 'elsewhere') limitState.changePause((pause) => pause.forRefusal(now, error));
    });
  }

  #moment(): { readonly now: number; readonly own: number; readonly submitting: number } {
    return { now: this.#now, own: this.#inFlight, submitting: this.#gate.submitting };
  }

  /**
   * Learns from an answer, once it is seen what others have out now: what they had when it was asked for is no measure. The
   * submission counts as being sent for so long.
   */
  #interpret(key: string, learn: () => void): void {
    const look = this.#options.limitSignal === 'refusal' ? this.#limitState.look() : Promise.resolve();
    this.#interpreting = Promise.all([this.#interpreting, look.catch(() => undefined)]).then(() => {
      learn();
      this.#gate.leave(key);
      this.#followLimit();
    });
  }

  #ended(key: string, withinMs: number, releaseSlot: () => void): void {
    const end = { atMs: this.#now, withinMs };
    const limitState = this.#limitState;
    this.#inFlight -= 1;
    limitState.learnLimit((estimator) => estimator.ended(end), { key, phase: 'ended' });
    const releaseSlotAfterMs = limitState.estimator.releaseSlotAfterMs(end);
    // A place has become free: a pause for the limit of running jobs has lost its reason.
    limitState.changePause((pause) => pause.shorten(end.atMs + releaseSlotAfterMs));
    this.#changed();
    this.#later(releaseSlotAfterMs, releaseSlot);
  }

  #permit(turn: Entrant, over: () => void, from: 'held' | 'in-flight'): LanePermit {
    const { key } = turn;
    const releaseSlot = (): void => {
      this.#held -= 1;
      this.#gate.forget(key);
      this.#holds.delete(key);
      this.#options.permits.release(this.lane.id, key).catch((error: unknown) => {
        this.#options.logger.warn({ lane: this.lane.label, error: String(error) }, 'a permit could not be given back');
      });
      over();
      this.#changed();
    };
    return createLanePermit(key, from, {
      enter: async (signal, onWaiting) => {
        await this.#interpreting;
        await this.#gate.enter(turn, () => this.#inFlight, signal, onWaiting);
      },
      keep: (signal) => this.#keep(key, signal),
      leave: () => this.#gate.leave(key),
      accepted: (learn) => this.#accepted(key, learn),
      refused: (error) => this.#refused(key, error),
      ended: (withinMs) => this.#ended(key, withinMs, releaseSlot),
      gone: () => (this.#inFlight -= 1),
      releaseSlot,
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

  /** Wakes what waits, and lets the queue follow the limit. */
  #changed(): void {
    this.#followLimit();
    this.#gate.changed();
  }

  #followLimit(): void {
    const { limit } = this;
    if (this.#queue.concurrency !== limit) this.#queue.concurrency = limit;
  }
}
