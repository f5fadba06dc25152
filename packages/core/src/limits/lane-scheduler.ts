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
import { LanePermit } from './lane-permit.ts';
import type { PermitEffects } from './lane-permit.ts';
import { QueryQueue } from '../polling/query-queue.ts';

/** A lane as `stats()` shows it. */
export interface LaneStats {
  readonly lane: string;
  readonly label: string;
  /** Tasks of this client that wait for a permit. */
  readonly waiting: number;
  /** Accepted jobs of this client that have not ended. */
  readonly inFlight: number;
  readonly limit: number;
  /** The account's limit as refusals have shown it. */
  readonly learnedLimit?: number;
  /** How long the provider keeps a slot after its job has ended, as learned. */
  readonly slotTailMs: number;
  readonly pausedForMs: number;
  /** Refusals for limits or overload since the client was made. */
  readonly refusals: number;
}

/** What a lane needs from its client. */
export interface LaneSchedulerOptions {
  readonly lane: Lane;
  /** Permits at once; `"auto"` follows `limitSignal`. */
  readonly maxConcurrent: number | 'auto';
  /**
   * What `"auto"` follows. `refusal`: fill until refused. `headers`: begin with the lane's default, then send what the
   * reported rate allows. `none`: keep the lane's default.
   */
  readonly limitSignal: LimitSignal;
  readonly permits: PermitStore;
  readonly owner: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly pauseBaseMs: number;
  readonly pauseMaxMs: number;
  /** Whether the backend of this lane fails while another lane is healthy. Default: never. */
  readonly yieldsToHealthyLane?: () => boolean;
}

/** A task that waits for its turn. */
export interface Turn extends Entrant {
  readonly priority: number;
  /** Scopes of equal priority take turns. */
  readonly scope: string;
  /** Called with the reason for a long wait. */
  readonly onWaiting?: OnWaiting;
}

/** How often a lane that yields checks whether it is needed again. */
const yieldCheckMs = 250;

/**
 * One lane of one client. p-queue orders the waiting tasks (priority, then scopes in turn, then first come), and starts as many as
 * there are free places; a task leaves it with its permit. Permits bound the jobs that run. The provider's answers teach how many may
 * run.
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
  /** Permits that this client holds. */
  #held = 0;
  #inFlight = 0;
  #refusals = 0;
  /** The last answers that are being learned from. */
  #interpreting: Promise<unknown> = Promise.resolve();
  readonly #effects: PermitEffects = {
    enter: async (entrant, signal, onWaiting) => {
      await this.#interpreting;
      await this.#gate.enter(entrant, () => this.#inFlight, signal, onWaiting);
    },
    keep: (key, signal) => this.#keep(key, signal),
    leave: (key) => this.#gate.leave(key),
    accepted: (key, learn) => this.#accepted(key, learn),
    refused: (key, error) => this.#refused(key, error),
    ended: (key, withinMs, release) => this.#ended(key, withinMs, release),
    gone: () => (this.#inFlight -= 1),
    releaseSlot: (key) => this.#releaseSlot(key),
  };

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

  /** How many permits may be held now. */
  get limit(): number {
    return Math.min(this.#most, this.#limitState.width);
  }

  /** Tasks of this client that hold a permit or wait for one. */
  get load(): number {
    return this.#queue.size + this.#queue.pending + this.#held;
  }

  /** Whether tasks wait for a permit. */
  get queued(): boolean {
    return this.#queue.size > 0 || this.#held > this.#inFlight;
  }

  /** Whether the lane pauses after a refusal. */
  get paused(): boolean {
    return this.#limitState.pause.leftMs(this.#now) > 0;
  }

  /** How long a slot stays taken after its job has ended, as learned. */
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

  /** Waits for a permit. Rejects with the signal's reason. */
  async acquire(turn: Turn, signal: AbortSignal): Promise<LanePermit> {
    signal.throwIfAborted();
    await Promise.all([this.durations.recall(), this.#limitState.recall()]);
    signal.throwIfAborted();
    const granted = Promise.withResolvers<LanePermit>();
    // Only ends a wait, which most tasks do not have: p-queue's own signal would also free the place of a task that already
    // holds a permit.
    const mustWait = this.#queue.size > 0 || this.#queue.pending + this.#held >= this.limit;
    const waiting = mustWait ? new AbortController() : undefined;
    let held = false;
    const onAbort = (): void => {
      granted.reject(signal.reason);
      if (!held) waiting?.abort(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const leaveWait = this.#holds.enter(turn.onWaiting, this.#now);
    const work = async (): Promise<void> => {
      held = true;
      await this.#hold(turn, signal, granted.resolve);
    };
    const { priority, scope } = turn;
    const queued = this.#queue.add(work, { priority, scope, ...(waiting && { signal: waiting.signal }) });
    queued.catch(granted.reject);
    try {
      return await granted.promise;
    } finally {
      leaveWait();
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** A permit for a job that already runs, above the limit if need be. */
  async adopt(key: string): Promise<LanePermit> {
    await this.#options.permits.adopt({ lane: this.lane.id, key, owner: this.#options.owner });
    this.#inFlight += 1;
    this.#hasMore(1);
    return new LanePermit({ key, images: 0 }, this.#effects, 'in-flight');
  }

  /**
   * Waits until the provider may be asked about a job: never faster than its documented rate, the most urgent job first.
   */
  async enterQuery(signal: AbortSignal, urgency: () => number): Promise<void> {
    await this.#queries.enter(signal, urgency);
  }

  /** Holds the key's place, because it is unknown whether its submission arrived. */
  holdUnknown(key: string, holdMs: number): void {
    this.#holds.add(key, this.#now, holdMs);
  }

  /** The answer to the key's submission reported the account's rate. */
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

  /** Releases slots that wait for their delay, and stores what was learned. */
  async close(): Promise<void> {
    for (const timer of this.#timers) timer.abort();
    this.#queries.close();
    await this.#interpreting;
    await Promise.all([this.durations.settled(), this.#limitState.settled()]);
  }

  get #now(): number {
    return this.#options.clock.monotonic();
  }

  /** Has ended before the job begins: a running task leaves only its permit here. */
  async #hold(turn: Turn, signal: AbortSignal, grant: (permit: LanePermit) => void): Promise<void> {
    if (signal.aborted) return;
    while (this.#options.yieldsToHealthyLane?.() === true) await this.#options.clock.sleep(yieldCheckMs, signal);
    await this.#take(turn.key, signal);
    this.#hasMore(1);
    const permit = new LanePermit(turn, this.#effects, 'held');
    grant(permit);
    // Release it if the caller aborted meanwhile.
    if (signal.aborted) permit.release();
  }

  async #take(key: string, signal: AbortSignal): Promise<void> {
    const { permits, owner } = this.#options;
    const lane = this.lane.id;
    try {
      for (;;) {
        const { limit } = this;
        if (await permits.tryAcquire({ lane, limit, key, owner })) break;
        await this.#limitState.look();
        // Other clients may have raised the limit.
        if (this.limit <= limit) await permits.waitForRelease(lane, snapshotIntervalMs, signal);
      }
      signal.throwIfAborted();
    } catch (error) {
      // Also gives up the place in the line.
      await permits.release(lane, key);
      throw error;
    }
  }

  /** If the permit's lease expired while the task waited, acquires it again before anything is sent. */
  async #keep(key: string, signal: AbortSignal): Promise<void> {
    const { permits } = this.#options;
    if (permits.isHeld(this.lane.id, key)) return;
    await permits.release(this.lane.id, key);
    await this.#take(key, signal);
  }

  #accepted(key: string, learn: boolean): void {
    const { now, own } = this.#moment();
    this.#inFlight += 1;
    this.#interpret(key, () => {
      const { running } = this.#limitState.elsewhere(key);
      const accepted = { key, phase: 'running' } as const;
      this.#limitState.learnLimit((estimator) => learn && estimator.accepted(now, own + running), accepted);
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
      // Earlier submissions may have been accepted by now. And other clients' jobs that ended while the answer was under way may
      // still have held their slots.
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
   * Learns from an answer after looking at what other clients run now; what they ran at the submission is out of date. Until
   * then the submission counts as being sent.
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
    // A free place ends the reason for a pause at the limit of running jobs.
    limitState.changePause((pause) => pause.shorten(end.atMs + releaseSlotAfterMs));
    this.#changed();
    this.#later(releaseSlotAfterMs, releaseSlot);
  }

  #releaseSlot(key: string): void {
    this.#hasMore(-1);
    this.#gate.forget(key);
    this.#holds.delete(key);
    this.#options.permits.release(this.lane.id, key).catch((error: unknown) => {
      this.#options.logger.warn({ lane: this.lane.label, error: String(error) }, 'a permit could not be released');
    });
    this.#changed();
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

  #changed(): void {
    this.#followLimit();
    this.#gate.changed();
  }

  /** So many more permits are held; negative = fewer. */
  #hasMore(permits: number): void {
    this.#held += permits;
    this.#followLimit();
  }

  /** As many tasks may ask for a permit as there are free places. */
  #followLimit(): void {
    const free = this.limit - this.#held;
    if (free < 1) this.#queue.pause();
    else if (this.#queue.concurrency !== free) this.#queue.concurrency = free;
    if (free > 0 && this.#queue.isPaused) this.#queue.start();
  }
}
