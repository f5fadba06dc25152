import type { LimitSignal } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import type { LearnedRecord, PermitPhase, PermitStore, PermitView } from '../stores/permit-store.ts';
import { LanePause } from './lane-pause.ts';
import type { LanePauseOptions, PauseState } from './lane-pause.ts';
import { LimitEstimator } from './limit-estimator.ts';
import type { LimitState } from './limit-estimator.ts';

/** What the shared state of a lane needs. */
export interface SharedLimitStateOptions extends LanePauseOptions {
  readonly maxConcurrent: number | 'auto';
  readonly limitSignal: LimitSignal;
  readonly permits: PermitStore;
  readonly owner: string;
  readonly clock: Clock;
}

/** What others have out, as one submission sees it. */
export interface Elsewhere {
  /** Their jobs that run at the provider. */
  readonly running: number;
  /** Their permits that were granted before this one, and whose submission has not been accepted yet. */
  readonly before: number;
}

/** What is kept, as JSON. */
interface KnownState {
  readonly version: 1;
  readonly pause: PauseState;
  /** Absent where refusals teach no limit. */
  readonly limit?: LimitState;
}

/** With `"auto"`, the most jobs at once that are ever tried. */
export const autoCeiling = 64;
/**
 * A limit that was shown so recently is taken as it is. One that is older is where a client begins that finds nobody else at
 * work; it has to be shown anew, at the price of the one refusal that a client without any knowledge would pay as well.
 */
const recentMs = 600_000;
/**
 * What nobody has used for longer is forgotten. Too low a limit that is recalled costs nothing, for it is tried upwards at
 * once; too high a one costs a refusal for each slot that is gone. A day bounds that to accounts that changed since yesterday.
 */
const forgetAfterMs = 86_400_000;
/** Changes that could not be kept, at most: a store that fails for long must not fill the memory. */
const mostPending = 1000;

/**
 * What is known of a lane: how many jobs its account allows, how long slots stay taken, whether it pauses. It is one for all
 * clients that share permits and have the same `maxConcurrent`, and stays for later runs, where the permit store can keep it.
 *
 * Each client applies what it sees at once, and keeps the result under the revision that it began from. Where another one was
 * faster, it takes over what that one has kept and applies its own changes again. So a limit that one client was refused at
 * is no riddle to the others, and all ask for permits by the same number: which is what lets them take turns.
 */
export class SharedLimitState {
  readonly estimator: LimitEstimator;
  readonly pause: LanePause;
  readonly #options: SharedLimitStateOptions;
  readonly #about: string;
  readonly #onChange: () => void;
  /** The lane's permits at the last look, oldest grant first. */
  #permits: readonly PermitView[] = [];
  #revision = 0;
  /** Changes since that revision. */
  readonly #pending: (() => void)[] = [];
  readonly #phases = new Map<string, PermitPhase>();
  /** The most jobs at once by the last revision. */
  #keptWidth: number;
  #sharing: Promise<void> | undefined;
  #recalled: Promise<void> | undefined;

  /** `onChange`: others have changed what is known. */
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

  /** Jobs at once, one that is tried above the limit included. */
  get width(): number {
    return this.estimator.limit + (this.estimator.mayProbe ? 1 : 0);
  }

  /** Resolves once what others and earlier runs have learned is known. Never rejects: without it, this client learns anew. */
  recall(): Promise<void> {
    this.#recalled ??= this.#recall().catch((error: unknown) => this.#warn(error));
    return this.#recalled;
  }

  /** Takes over what others have learned, and sees what they have out. Rejects when the permit store cannot be read. */
  async look(): Promise<void> {
    const { permits, lane } = this.#options;
    const { permits: out, record } = await permits.snapshotLane(lane.id, this.#about);
    this.#permits = out;
    // What is being kept at this moment finds a newer revision by itself.
    if (record !== undefined && record.revision > this.#revision && this.#sharing === undefined) this.#adopt(record);
    const { prober } = this.pause;
    // Who was looking whether the pause is over has died.
    if (prober !== undefined && !out.some(({ key }) => key === prober))
      this.changePause((pause) => pause.leave(prober));
  }

  /** What others had out at the last look, as the submission of that key sees it. */
  elsewhere(key: string): Elsewhere {
    const { owner, limitSignal } = this.#options;
    let running = 0;
    let before = 0;
    let isBefore = true;
    for (const permit of this.#permits) {
      if (permit.key === key) isBefore = false;
      if (permit.owner === owner) continue;
      // Where refusals teach nothing, phases are not kept.
      if (permit.phase === 'running' || limitSignal !== 'refusal') running += 1;
      else if (permit.phase === 'waiting' && isBefore) before += 1;
    }
    return { running, before };
  }

  /** Learns from something that has happened; `phase`: what has become of a permit by it. */
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

  /** Resolves when everything that was learned is kept, or cannot be. */
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
    // What happens in one moment is kept in one step.
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
      // It stands here, and is kept with the next change.
      this.#warn(error);
    }
    // At once: a change that comes a moment later is shared anew.
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
    logger.warn({ lane: lane.label, error: String(error) }, 'what was learned of a lane could not be read or kept');
  }
}

/** Undefined where it is of another version: then this client learns anew. */
function readState(text: string): KnownState | undefined {
  try {
    const state = JSON.parse(text) as Partial<KnownState> | null;
    return state?.version === 1 && state.pause !== undefined ? (state as KnownState) : undefined;
  } catch {
    return undefined;
  }
}
