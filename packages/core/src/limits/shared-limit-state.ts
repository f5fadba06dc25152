import type { LimitSignal } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import { SharedSync } from '../files/shared-sync.ts';
import type { LearnedRecord, PermitPhase, PermitStore, PermitView } from '../stores/permit-store.ts';
import { LanePause } from './lane-pause.ts';
import type { LanePauseOptions, PauseState } from './lane-pause.ts';
import { LimitEstimator } from './limit-estimator.ts';
import type { LimitState } from './limit-estimator.ts';

export interface SharedLimitStateOptions extends LanePauseOptions {
  readonly maxConcurrent: number | 'auto';
  readonly limitSignal: LimitSignal;
  readonly permits: PermitStore;
  readonly owner: string;
  readonly clock: Clock;
}

/** What other clients hold, as one submission sees it. */
export interface Elsewhere {
  /** Their jobs that run at the provider. */
  readonly running: number;
  /** Their permits that were granted earlier and whose submission is not accepted yet. */
  readonly before: number;
}

/** The stored state, as JSON. */
interface KnownState {
  readonly version: 1;
  readonly pause: PauseState;
  /** Absent if refusals do not show the limit. */
  readonly limit?: LimitState;
}

/** The most jobs at once that `"auto"` tries. */
export const autoCeiling = 64;
/**
 * A limit that was shown this recently is trusted. If it is older and no other client is running, a client starts from it but
 * has to see it confirmed, which costs one refusal, as much as starting from nothing.
 */
const recentMs = 600_000;
/**
 * What was not used for longer is forgotten. A recalled limit that is too low costs nothing, because it is tried upwards at
 * once. One that is too high costs a refusal for each missing slot.
 */
const forgetAfterMs = 86_400_000;
/** The most unsaved changes: a store that keeps failing must not fill the memory. */
const mostPending = 1000;

/**
 * What is known about a lane: how many jobs its account allows, how long slots stay taken, whether it pauses. Clients that
 * share permits and have the same `maxConcurrent` share it, and later runs find it in the permit store.
 *
 * Each client applies a change at once and writes the result by compare-and-set. If another client was faster, it loads that
 * state and applies its own changes again. So all clients learn from one refusal, and all acquire permits under the same limit,
 * which is what lets them take turns.
 */
export class SharedLimitState {
  readonly estimator: LimitEstimator;
  readonly pause: LanePause;
  readonly #options: SharedLimitStateOptions;
  readonly #about: string;
  readonly #onChange: () => void;
  /** The lane's permits at the last snapshot, oldest grant first. */
  #permits: readonly PermitView[] = [];
  #revision = 0;
  /** Changes that are not stored yet. */
  readonly #pending: (() => void)[] = [];
  readonly #phases = new Map<string, PermitPhase>();
  /** `width` at the last revision. */
  #keptWidth: number;
  #sharing: Promise<void> | undefined;
  readonly #looks = new SharedSync(() => this.#look());
  #recalled: Promise<void> | undefined;

  /** `onChange` is called when another client has changed the state. */
  constructor(options: SharedLimitStateOptions, onChange: () => void) {
    const { maxConcurrent, limitSignal } = options;
    this.#options = options;
    this.#onChange = onChange;
    this.#about = typeof maxConcurrent === 'number' ? `told ${maxConcurrent}` : maxConcurrent;
    const auto = maxConcurrent === 'auto';
    this.estimator = new LimitEstimator(auto ? autoCeiling : maxConcurrent, auto && limitSignal === 'refusal');
    this.pause = new LanePause(options);
    this.#keptWidth = this.width;
  }

  /** Jobs at once, including one that is tried above the limit. */
  get width(): number {
    return this.estimator.limit + (this.estimator.mayProbe ? 1 : 0);
  }

  /** Loads what other clients and earlier runs have learned. Never rejects: without it, this client learns for itself. */
  recall(): Promise<void> {
    this.#recalled ??= this.#recall().catch((error: unknown) => this.#warn(error));
    return this.#recalled;
  }

  /**
   * Reads the permits and what other clients have learned; thousands of submissions at once share a reading. Rejects if the
   * permit store cannot be read.
   */
  look(): Promise<void> {
    return this.#looks.run();
  }

  async #look(): Promise<void> {
    const { permits, lane } = this.#options;
    const { permits: out, record } = await permits.snapshotLane(lane.id, this.#about);
    this.#permits = out;
    // A write that is under way notices a newer revision itself.
    if (record !== undefined && record.revision > this.#revision && this.#sharing === undefined) this.#adopt(record);
    const { prober } = this.pause;
    // The client that probed the pause has died.
    if (prober !== undefined && !out.some(({ key }) => key === prober))
      this.changePause((pause) => pause.leave(prober));
  }

  /** What other clients held at the last snapshot, as this submission sees it. */
  elsewhere(key: string): Elsewhere {
    const { owner, limitSignal } = this.#options;
    let running = 0;
    let before = 0;
    let isBefore = true;
    for (const permit of this.#permits) {
      if (permit.key === key) isBefore = false;
      if (permit.owner === owner) continue;
      // Phases are only stored if refusals show the limit.
      if (permit.phase === 'running' || limitSignal !== 'refusal') running += 1;
      else if (permit.phase === 'waiting' && isBefore) before += 1;
    }
    return { running, before };
  }

  /** Applies and shares a change of the limit; `phase`: the new phase of a permit. */
  learnLimit<Result>(
    change: (estimator: LimitEstimator) => Result,
    phase?: { readonly key: string; readonly phase: PermitPhase },
  ): Result {
    const result = change(this.estimator);
    if (this.#options.limitSignal !== 'refusal') return result;
    if (phase !== undefined) this.#phases.set(phase.key, phase.phase);
    this.#changed(() => void change(this.estimator));
    return result;
  }

  changePause(change: (pause: LanePause) => void): void {
    const before = this.pause.active;
    change(this.pause);
    if (before || this.pause.active) this.#changed(() => change(this.pause));
  }

  /** Resolves when everything is stored, or cannot be. */
  async settled(): Promise<void> {
    while (this.#sharing !== undefined) await this.#sharing;
  }

  async #recall(): Promise<void> {
    await this.look();
    const { clock, owner } = this.#options;
    const now = clock.monotonic();
    if (this.#permits.some((permit) => permit.owner !== owner) || !this.estimator.isDoubtful(now, recentMs)) return;
    this.learnLimit((estimator) => estimator.doubt(now, recentMs));
    this.#onChange();
  }

  #changed(again: () => void): void {
    this.#pending.push(again);
    if (this.#pending.length > mostPending) this.#pending.shift();
    this.#sharing ??= this.#share();
  }

  async #share(): Promise<void> {
    const { permits, lane } = this.#options;
    // Collects the changes of one moment into one write.
    await Promise.resolve();
    try {
      while (this.#pending.length > 0) {
        const { length } = this.#pending;
        const phases = [...this.#phases].map(([key, phase]) => ({ key, phase }));
        const { width } = this;
        const kept = await permits.compareAndSetLearned({
          lane: lane.id,
          about: this.#about,
          learned: JSON.stringify(this.#state),
          revision: this.#revision,
          phases,
          wake: width > this.#keptWidth,
        });
        if (kept) {
          this.#revision += 1;
          this.#pending.splice(0, length);
          for (const { key, phase } of phases) if (this.#phases.get(key) === phase) this.#phases.delete(key);
          this.#keptWidth = width;
          continue;
        }
        const record = (await permits.snapshotLane(lane.id, this.#about)).record;
        if (record === undefined) this.#revision = 0;
        else this.#adopt(record);
      }
    } catch (error) {
      // The changes stay pending and are stored with the next one.
      this.#warn(error);
    }
    // Cleared at once, so that the next change starts a new write.
    this.#sharing = undefined;
  }

  get #state(): KnownState {
    const now = this.#options.clock.monotonic();
    const pause = this.pause.state(now);
    return this.#options.limitSignal === 'refusal'
      ? { version: 1, pause, limit: this.estimator.state(now) }
      : { version: 1, pause };
  }

  #adopt({ learned, revision, ageMs }: LearnedRecord): void {
    this.#revision = revision;
    const state = ageMs > forgetAfterMs ? undefined : readState(learned);
    if (state === undefined) return;
    const atMs = this.#options.clock.monotonic() - ageMs;
    if (ageMs > recentMs) this.pause.end();
    else this.pause.restore(state.pause, atMs);
    if (state.limit !== undefined) this.estimator.restore(state.limit, atMs);
    this.#keptWidth = this.width;
    for (const change of this.#pending) change();
    this.#onChange();
  }

  #warn(error: unknown): void {
    const { lane, logger } = this.#options;
    logger.warn(
      { lane: lane.label, error: String(error) },
      'what was learned about a lane could not be read or stored',
    );
  }
}

/** Undefined for another version: then this client learns for itself. */
function readState(text: string): KnownState | undefined {
  try {
    const state = JSON.parse(text) as Partial<KnownState> | null;
    return state?.version === 1 && state.pause !== undefined ? (state as KnownState) : undefined;
  } catch {
    return undefined;
  }
}
