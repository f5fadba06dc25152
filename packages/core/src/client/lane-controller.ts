import PQueue from 'p-queue';
import type { ImageError, Lane, Logger } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import type { PermitStore } from '../stores/permit-store.ts';
import { LinkedAbort } from './linked-abort.ts';
import type { LaneStats } from './lane-stats.ts';
import { SlotTail } from './slot-tail.ts';

/** What a lane needs from its client. */
export interface LaneControllerOptions {
  readonly lane: Lane;
  /** Permits at once, or `"auto"`: fill until refused. */
  readonly maxConcurrent: number | 'auto';
  readonly permits: PermitStore;
  readonly owner: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly pauseBaseMs: number;
  readonly pauseMaxMs: number;
}

/** The right to have one job at the provider. */
export interface LanePermit {
  readonly key: string;
  /**
   * Waits until the submission may be tried: not while the lane is paused (then one prober goes first), not above the
   * learned limit, and not faster than the provider's documented rate. Follow it with exactly one of `accepted`,
   * `refused` and `notAccepted`.
   */
  enterSubmission(signal: AbortSignal, onWaiting: (reason: string, waitMs: number) => void): Promise<void>;
  /** The provider took the job. */
  accepted(): void;
  /** The provider refused for a limit or overload; nothing was paid. Pauses the lane. */
  refused(error: ImageError): void;
  /** The submission ended in any other way. */
  notAccepted(): void;
  /** The job is over at the provider: the slot is given on after the learned tail. */
  ended(): void;
  /** Nothing runs at the provider for this permit: the slot is given on at once. */
  release(): void;
}

/** With `"auto"`, how many submissions may be tried at once before a limit is known. */
const autoCeiling = 64;
/** How long a learned limit holds before one more job is tried. */
const ceilingLifeMs = 60_000;

/**
 * One lane of one client. p-queue orders the waiting tasks (priority, then first come), permits bound the jobs that
 * really run, and a refusal pauses the lane so that one submission probes it instead of every task.
 */
export class LaneController {
  readonly lane: Lane;
  readonly #options: LaneControllerOptions;
  readonly #queue: PQueue;
  readonly #tail = new SlotTail();
  readonly #timers = new Set<AbortController>();
  /** When own jobs ended whose places have not been taken again: monotonic milliseconds, oldest first. */
  readonly #vacated: number[] = [];
  #inFlight = 0;
  #submitting = 0;
  #refusedSinceEnd = false;
  #ceiling = Number.POSITIVE_INFINITY;
  #ceilingUntilMs = 0;
  #pausedUntilMs = 0;
  #pauses = 0;
  #pausedForLimit = false;
  #probing = false;
  #change = Promise.withResolvers<void>();
  #refusals = 0;

  constructor(options: LaneControllerOptions) {
    this.#options = options;
    this.lane = options.lane;
    this.#queue = new PQueue({ concurrency: this.limit });
  }

  /** The most permits that this client takes at once. */
  get limit(): number {
    return this.#options.maxConcurrent === 'auto' ? autoCeiling : this.#options.maxConcurrent;
  }

  /** Tasks of this client that have a permit or wait for one. */
  get load(): number {
    return this.#queue.size + this.#queue.pending;
  }

  get stats(): LaneStats {
    return {
      lane: this.lane.id,
      label: this.lane.label,
      waiting: this.#queue.size,
      inFlight: this.#inFlight,
      limit: this.limit,
      ...(Number.isFinite(this.#ceiling) ? { learnedLimit: this.#ceiling } : {}),
      slotTailMs: Math.round(this.#tail.estimateMs),
      pausedForMs: this.#pauses === 0 ? 0 : Math.max(0, Math.round(this.#pausedUntilMs - this.#now)),
      refusals: this.#refusals,
    };
  }

  /** Waits for a place among `limit` permits, shared as widely as the permit store is. Rejects with the signal's reason. */
  async acquire(key: string, priority: number, signal: AbortSignal): Promise<LanePermit> {
    signal.throwIfAborted();
    const granted = Promise.withResolvers<LanePermit>();
    const onAbort = (): void => granted.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    // p-queue's own signal would free the place while the job still runs, so the function itself looks at it.
    const queued = this.#queue.add(() => this.#hold(key, signal, granted), { priority });
    queued.catch((error: unknown) => granted.reject(error));
    try {
      return await granted.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** A permit for a job that runs already, whatever the limit says. */
  async adopt(key: string): Promise<LanePermit> {
    await this.#options.permits.adopt({ lane: this.lane.id, key, owner: this.#options.owner });
    this.#inFlight += 1;
    return this.#permit(key, () => undefined, 'in-flight');
  }

  /** Waits until the provider may be asked for the state of a job: never faster than its documented rate. */
  async enterQuery(signal: AbortSignal): Promise<void> {
    await this.#reserve('query', this.lane.queriesPerSecond, signal);
  }

  /** Ends the waits of slots that are to be given on later. */
  close(): void {
    for (const timer of this.#timers) timer.abort();
  }

  get #now(): number {
    return this.#options.clock.monotonic();
  }

  async #hold(key: string, signal: AbortSignal, granted: PromiseWithResolvers<LanePermit>): Promise<void> {
    if (signal.aborted) return;
    const { permits } = this.#options;
    await this.#take(key, signal);
    if (signal.aborted) {
      await permits.release(this.lane.id, key);
      return;
    }
    const over = Promise.withResolvers<void>();
    granted.resolve(this.#permit(key, over.resolve, 'held'));
    await over.promise;
  }

  async #take(key: string, signal: AbortSignal): Promise<void> {
    const { permits, owner } = this.#options;
    const lane = this.lane.id;
    while (!(await permits.tryAcquire({ lane, limit: this.limit, key, owner }))) {
      await permits.waitForRelease(lane, 1000, signal);
    }
  }

  /** A permit whose lease ran out while its task waited is taken again, within the limit, before anything is sent. */
  async #keep(key: string, signal: AbortSignal): Promise<void> {
    const { permits } = this.#options;
    if (permits.isHeld?.(this.lane.id, key) !== false) return;
    await permits.release(this.lane.id, key);
    await this.#take(key, signal);
  }

  async #reserve(kind: 'submit' | 'query', perSecond: number | undefined, signal: AbortSignal): Promise<void> {
    if (perSecond === undefined) return;
    const waitMs = await this.#options.permits.reserveRate(this.lane.id, kind, perSecond);
    if (waitMs > 0) await this.#options.clock.sleep(waitMs, signal);
  }

  async #enterSubmission(signal: AbortSignal, onWaiting: (reason: string, waitMs: number) => void): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const now = this.#now;
      if (this.#pauses > 0) {
        if (!this.#probing && now >= this.#pausedUntilMs) break;
        const waitMs = this.#probing ? 1000 : Math.max(1, this.#pausedUntilMs - now);
        if (!this.#probing) onWaiting('the lane is paused after a refusal', Math.round(waitMs));
        await this.#untilChange(waitMs, signal);
        continue;
      }
      if (now >= this.#ceilingUntilMs && Number.isFinite(this.#ceiling)) {
        this.#ceiling += 1;
        this.#ceilingUntilMs = now + ceilingLifeMs;
      }
      if (this.#inFlight + this.#submitting < this.#ceiling) break;
      onWaiting('the account has reached its limit of running jobs', Math.round(this.#ceilingUntilMs - now));
      await this.#untilChange(Math.max(1, this.#ceilingUntilMs - now), signal);
    }
    this.#probing = this.#pauses > 0;
    this.#submitting += 1;
    try {
      await this.#reserve('submit', this.lane.submissionsPerSecond, signal);
    } catch (error) {
      this.#leaveSubmission();
      throw error;
    }
  }

  #leaveSubmission(): void {
    this.#submitting -= 1;
    this.#probing = false;
    this.#changed();
  }

  #accepted(): void {
    this.#inFlight += 1;
    const vacatedAtMs = this.#vacated.shift();
    if (vacatedAtMs !== undefined) this.#tail.accepted(this.#now - vacatedAtMs, this.#refusedSinceEnd);
    this.#refusedSinceEnd = false;
    this.#pauses = 0;
    this.#leaveSubmission();
  }

  /**
   * Learns from a refusal: soon after an own end, the slot has a tail; with jobs in flight, the account's limit is known;
   * else somebody else uses the account, or the service is overloaded.
   */
  #refused(error: ImageError): void {
    const { random, pauseBaseMs, pauseMaxMs, logger } = this.#options;
    const now = this.#now;
    this.#refusals += 1;
    const vacatedAtMs = this.#vacated[0];
    if (error.kind === 'concurrency-limit' && vacatedAtMs === undefined && this.#inFlight > 0) {
      this.#ceiling = this.#inFlight;
      this.#ceilingUntilMs = now + ceilingLifeMs;
      this.#leaveSubmission();
      return;
    }
    if (error.kind === 'concurrency-limit' && vacatedAtMs !== undefined) {
      this.#refusedSinceEnd = true;
      this.#tail.refused(now - vacatedAtMs);
    }
    this.#pauses += 1;
    this.#pausedForLimit = error.kind === 'concurrency-limit';
    // The first pause is short, for a slot's tail may be; then it doubles.
    const exponential = Math.min(pauseMaxMs, pauseBaseMs * 2 ** (this.#pauses - 1));
    const waitMs = error.retryAfterMs ?? exponential * (0.5 + 0.5 * random());
    this.#pausedUntilMs = now + waitMs;
    logger.debug({ lane: this.lane.label, kind: error.kind, code: error.code, waitMs }, 'lane paused after a refusal');
    this.#leaveSubmission();
  }

  #ended(): void {
    this.#inFlight -= 1;
    this.#vacated.push(this.#now);
    if (this.#vacated.length > this.limit) this.#vacated.shift();
    // A place has become free: a pause for the limit of running jobs has lost its reason.
    if (this.#pauses > 0 && this.#pausedForLimit) {
      this.#pausedUntilMs = Math.min(this.#pausedUntilMs, this.#now + this.#tail.estimateMs);
    }
    this.#changed();
  }

  #permit(key: string, over: () => void, from: 'held' | 'in-flight'): LanePermit {
    let state: 'held' | 'submitting' | 'in-flight' | 'over' = from;
    const giveOn = (): void => {
      this.#options.permits.release(this.lane.id, key).catch((error: unknown) => {
        this.#options.logger.warn({ lane: this.lane.label, error: String(error) }, 'a permit could not be given back');
      });
      over();
      this.#changed();
    };
    const leaveSubmission = (next: 'held' | 'in-flight', then: () => void): void => {
      if (state !== 'submitting') return;
      state = next;
      then();
    };
    return {
      key,
      enterSubmission: async (signal, onWaiting) => {
        await this.#enterSubmission(signal, onWaiting);
        state = 'submitting';
        try {
          await this.#keep(key, signal);
        } catch (error) {
          leaveSubmission('held', () => this.#leaveSubmission());
          throw error;
        }
      },
      accepted: () => leaveSubmission('in-flight', () => this.#accepted()),
      refused: (error) => leaveSubmission('held', () => this.#refused(error)),
      notAccepted: () => leaveSubmission('held', () => this.#leaveSubmission()),
      ended: () => {
        if (state !== 'in-flight') return;
        state = 'over';
        this.#ended();
        this.#later(this.#tail.estimateMs, giveOn);
      },
      release: () => {
        if (state === 'over') return;
        if (state === 'submitting') this.#leaveSubmission();
        if (state === 'in-flight') this.#inFlight -= 1;
        state = 'over';
        giveOn();
      },
    };
  }

  #later(delayMs: number, work: () => void): void {
    if (delayMs < 1) {
      work();
      return;
    }
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

  #changed(): void {
    const change = this.#change;
    this.#change = Promise.withResolvers<void>();
    change.resolve();
  }
}
