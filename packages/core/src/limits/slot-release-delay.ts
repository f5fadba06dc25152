/** When one own job ended: it was noticed at `atMs`, and had ended at most `withinMs` before. */
export interface JobEnd {
  readonly atMs: number;
  readonly withinMs: number;
}

/** All that is known of a tail, as plain JSON. */
export interface SlotReleaseDelayState {
  readonly longerThanMs: number;
  /** Null: nothing bounds it. */
  readonly atMostMs: number | null;
  readonly confirmed: boolean;
  readonly before: number | null;
  readonly acceptedInARow: number;
  readonly freeAtOnce: number;
}

/** Below this a bracket is narrow enough: its safe end is aimed at, in milliseconds and as a share. */
const narrowMs = 20;
const narrowShare = 0.04;
/** Tails vary by that share beyond what was seen. */
const variation = 0.25;
/** Where a tail is longer than it ever was, it is tried in steps of this share. */
const beyondStep = 0.1;
/** So many slots that were free at once prove that there is no tail. */
const freeAtOnceProof = 5;
/** After so many jobs in a row without a refusal, a shorter tail is tried. */
const jobsBeforeShorter = 8;
const shorterShare = 0.85;

/**
 * Learns how long a provider keeps a job's slot after the job is over. Tencent's slot was seen to stay taken for about 30 s
 * (https://github.com/1024XEngineer/Windup/issues/861). Each refusal says that the tail is longer than the age of an end,
 * each acceptance that it is not longer; what lies between is halved from job to job.
 */
export class SlotReleaseDelay {
  #longerThanMs = 0;
  #atMostMs = Number.POSITIVE_INFINITY;
  /** Whether an acceptance has followed refusals that were taken for the tail's. */
  #confirmed = false;
  /** What was believed before the refusals that are not explained yet. */
  #before: number | undefined;
  #acceptedInARow = 0;
  /** Acceptances after an own end, without any sign of a tail. */
  #freeAtOnce = 0;

  /** How long after a job's end its slot is taken for free, in milliseconds. */
  get estimateMs(): number {
    if (this.#longerThanMs === 0) return 0;
    if (this.#atMostMs === Number.POSITIVE_INFINITY) return this.#longerThanMs;
    if (this.#longerThanMs >= this.#atMostMs) return this.#longerThanMs * (1 + beyondStep);
    const width = this.#atMostMs - this.#longerThanMs;
    const narrow = width <= Math.max(narrowMs, narrowShare * this.#atMostMs);
    return narrow || !this.#confirmed ? this.#atMostMs : this.#longerThanMs + width / 2;
  }

  /** The longest that a slot stays taken after the notice of its job's end, by all that was seen; 0 where no tail was. */
  get longestMs(): number {
    if (this.#longerThanMs === 0) return 0;
    return Math.max(this.estimateMs, this.bounded ? this.#atMostMs : 0) * (1 + variation);
  }

  /** What the tail is longer than by all that was seen; 0 where no refusal has shown one. */
  get longerThanMs(): number {
    return this.#longerThanMs;
  }

  /** Whether any acceptance has bounded the tail. */
  get bounded(): boolean {
    return Number.isFinite(this.#atMostMs);
  }

  /** Whether a slot can still be taken that long after the notice of its job's end; `strictly`: by all that was seen. */
  canLast(ageMs: number, strictly: boolean): boolean {
    if (!Number.isFinite(ageMs)) return false;
    if (this.#confirmed) return ageMs < this.#atMostMs * (strictly ? 1 : 1 + variation);
    if (strictly) return false;
    return ageMs < this.#atMostMs && this.#freeAtOnce < freeAtOnceProof;
  }

  /** A slot was still taken this long after its job's end was noticed. */
  longerThan(ageMs: number): void {
    this.#before ??= this.#longerThanMs;
    this.#acceptedInARow = 0;
    this.#longerThanMs = Math.max(this.#longerThanMs, ageMs, 1);
  }

  /** A slot was free this long after the earliest moment at which its job can have ended. */
  atMost(ageMs: number): void {
    if (this.#longerThanMs === 0) this.#freeAtOnce += 1;
    const grown = this.#longerThanMs >= this.#atMostMs && this.#before !== undefined;
    this.#atMostMs = grown ? ageMs : Math.min(this.#atMostMs, ageMs);
    // Tails vary: the newest word counts.
    if (this.#longerThanMs >= this.#atMostMs) this.#longerThanMs = this.#atMostMs * shorterShare;
  }

  /** The refusals since the last acceptance were the tail's, or there were none; now and then a shorter tail is tried. */
  accepted(): void {
    if (this.#before !== undefined) {
      this.#confirmed = true;
      this.#before = undefined;
      return;
    }
    this.#acceptedInARow += 1;
    if (this.#acceptedInARow < jobsBeforeShorter) return;
    this.#acceptedInARow = 0;
    this.#longerThanMs = this.#longerThanMs < 10 ? 0 : this.#longerThanMs * shorterShare;
  }

  /** The refusals since the last acceptance had another cause. */
  forgive(): void {
    if (this.#before !== undefined) this.#longerThanMs = this.#before;
    this.#before = undefined;
    this.#freeAtOnce = 0;
  }

  get state(): SlotReleaseDelayState {
    return {
      longerThanMs: this.#longerThanMs,
      atMostMs: this.bounded ? this.#atMostMs : null,
      confirmed: this.#confirmed,
      before: this.#before ?? null,
      acceptedInARow: this.#acceptedInARow,
      freeAtOnce: this.#freeAtOnce,
    };
  }

  /** Takes over what another client has learned. */
  restore(state: SlotReleaseDelayState): void {
    this.#longerThanMs = state.longerThanMs;
    this.#atMostMs = state.atMostMs ?? Number.POSITIVE_INFINITY;
    this.#confirmed = state.confirmed;
    this.#before = state.before ?? undefined;
    this.#acceptedInARow = state.acceptedInARow;
    this.#freeAtOnce = state.freeAtOnce;
  }

  /** What was believed has proved wrong: learn anew from here. */
  relearn(longerThanMs: number): void {
    this.#longerThanMs = longerThanMs;
    this.#atMostMs = Number.POSITIVE_INFINITY;
    this.#acceptedInARow = 0;
  }
}
