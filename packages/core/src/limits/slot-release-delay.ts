/** The end of one of our jobs: noticed at `atMs`, at most `withinMs` after it happened. */
export interface JobEnd {
  readonly atMs: number;
  readonly withinMs: number;
}

/** What is known about a tail, as plain JSON. */
export interface SlotReleaseDelayState {
  readonly longerThanMs: number;
  /** Null = no upper bound. */
  readonly atMostMs: number | null;
  readonly confirmed: boolean;
  readonly before: number | null;
  readonly acceptedInARow: number;
  readonly freeAtOnce: number;
}

/** A bracket narrower than this, in milliseconds or as a share, is narrow enough: its upper end is used. */
const narrowMs = 20;
const narrowShare = 0.04;
/** Tails exceed what was seen by up to this share. */
const variation = 0.25;
/** A tail that is longer than ever before is tried in steps of this share. */
const beyondStep = 0.1;
/** This many slots that were free at once prove that there is no tail. */
const freeAtOnceProof = 5;
/** After this many jobs in a row without a refusal, a shorter tail is tried. */
const jobsBeforeShorter = 8;
const shorterShare = 0.85;

/**
 * Learns how long a provider keeps a job's slot after the job has ended: the tail. Tencent's slots stay taken for about 30 s
 * (https://github.com/1024XEngineer/Windup/issues/861). A refusal shows that the tail is longer than the age of an end, an
 * acceptance that it is not; each job halves the interval between.
 */
export class SlotReleaseDelay {
  #longerThanMs = 0;
  #atMostMs = Number.POSITIVE_INFINITY;
  /** Whether an acceptance has followed refusals because of the tail. */
  #confirmed = false;
  /** `longerThanMs` before the refusals that are not explained yet. */
  #before: number | undefined;
  #acceptedInARow = 0;
  /** Acceptances right after an end, without a sign of a tail. */
  #freeAtOnce = 0;

  /** How long after a job's end its slot counts as free, in milliseconds. */
  get estimateMs(): number {
    if (this.#longerThanMs === 0) return 0;
    if (this.#atMostMs === Number.POSITIVE_INFINITY) return this.#longerThanMs;
    if (this.#longerThanMs >= this.#atMostMs) return this.#longerThanMs * (1 + beyondStep);
    const width = this.#atMostMs - this.#longerThanMs;
    const narrow = width <= Math.max(narrowMs, narrowShare * this.#atMostMs);
    return narrow || !this.#confirmed ? this.#atMostMs : this.#longerThanMs + width / 2;
  }

  /** The longest that a slot can stay taken after we notice its job's end; 0 without a tail. */
  get longestMs(): number {
    if (this.#longerThanMs === 0) return 0;
    return Math.max(this.estimateMs, this.bounded ? this.#atMostMs : 0) * (1 + variation);
  }

  /** The lower bound of the tail; 0 if no refusal has shown one. */
  get longerThanMs(): number {
    return this.#longerThanMs;
  }

  /** Whether refusals and an acceptance after them have shown that there is a tail. */
  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** Whether nothing has shown yet that there is a tail, or that there is none. */
  get isUnknown(): boolean {
    return !this.#confirmed && this.#freeAtOnce < freeAtOnceProof;
  }

  /** Whether an acceptance has shown an upper bound. */
  get bounded(): boolean {
    return Number.isFinite(this.#atMostMs);
  }

  /** Whether a slot can still be taken this long after we noticed its job's end; `strictly`: without a margin. */
  canLast(ageMs: number, strictly: boolean): boolean {
    if (!Number.isFinite(ageMs)) return false;
    if (this.#confirmed) return ageMs < this.#atMostMs * (strictly ? 1 : 1 + variation);
    if (strictly) return false;
    return ageMs < this.#atMostMs && this.#freeAtOnce < freeAtOnceProof;
  }

  /** A slot was still taken this long after we noticed its job's end. */
  longerThan(ageMs: number): void {
    this.#before ??= this.#longerThanMs;
    this.#acceptedInARow = 0;
    this.#longerThanMs = Math.max(this.#longerThanMs, ageMs, 1);
  }

  /** A slot was free this long after the earliest possible end of its job. */
  atMost(ageMs: number): void {
    if (this.#longerThanMs === 0) this.#freeAtOnce += 1;
    const grown = this.#longerThanMs >= this.#atMostMs && this.#before !== undefined;
    this.#atMostMs = grown ? ageMs : Math.min(this.#atMostMs, ageMs);
    // Tails vary: the newest observation counts.
    if (this.#longerThanMs >= this.#atMostMs) this.#longerThanMs = this.#atMostMs * shorterShare;
  }

  /** A job was accepted: refusals before it were because of the tail. After several without one, tries a shorter tail. */
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

  restore(state: SlotReleaseDelayState): void {
    this.#longerThanMs = state.longerThanMs;
    this.#atMostMs = state.atMostMs ?? Number.POSITIVE_INFINITY;
    this.#confirmed = state.confirmed;
    this.#before = state.before ?? undefined;
    this.#acceptedInARow = state.acceptedInARow;
    this.#freeAtOnce = state.freeAtOnce;
  }

  /** The estimate was wrong: learn again from here. */
  relearn(longerThanMs: number): void {
    this.#longerThanMs = longerThanMs;
    this.#atMostMs = Number.POSITIVE_INFINITY;
    this.#acceptedInARow = 0;
  }
}
