import { SlotReleaseDelay } from './slot-release-delay.ts';
import type { JobEnd, SlotReleaseDelayState } from './slot-release-delay.ts';

/** Why a submission was refused for the limit of running jobs. */
export type RefusalMeaning =
  /** Known jobs take all slots: wait until one ends. */
  | 'full'
  /** The slot of an ended job is still taken: wait for its tail. */
  | 'tail'
  /** Another program uses the account. */
  | 'elsewhere';

/** What is known about an account's limit, as plain JSON. Times are ages, so that clients with other clocks can read it. */
export interface LimitState {
  readonly limit: number;
  readonly rising: boolean;
  readonly falls: number;
  readonly confirmations: number;
  readonly before: number | null;
  /** Null = none. */
  readonly ceiling: number | null;
  readonly learned: boolean;
  /** When the limit was last shown or raised; null = never. */
  readonly shownAgeMs: number | null;
  readonly acceptedSinceProbe: number;
  readonly probeAfter: number;
  readonly accepted: number;
  readonly refused: number;
  readonly refusedSinceAccepted: boolean;
  readonly lateEnds: number;
  readonly ends: readonly { readonly ageMs: number; readonly withinMs: number }[];
  readonly tail: SlotReleaseDelayState;
}

/** A limit that was filled this often is certain. */
const certainAfter = 5;
/** Ends that are remembered besides one for each slot. */
const spareEnds = 8;

/** How often one job more than the limit is tried. */
interface ProbePlan {
  /** Accepted jobs before the next try: initially, and at most. */
  readonly after: number;
  readonly afterMost: number;
  /** Each refusal multiplies the distance by this. */
  readonly growth: number;
  /** No try if refusals would exceed this share of the last few hundred jobs. */
  readonly budget: number;
  /** The same for slots with a tail, which takes refusals to measure. */
  readonly budgetWithTail: number;
}

/** The caller gave no limit: the one that was found may be the real one. */
const plainPlan: ProbePlan = { after: 10, afterMost: 200, growth: 1.5, budget: 0.045, budgetWithTail: 0.2 };
/** The caller gave a higher limit: another program uses the rest at the moment. */
const toldPlan: ProbePlan = { after: 3, afterMost: 20, growth: 1.25, budget: 0.3, budgetWithTail: 0.5 };
/** After this many jobs the counts are halved. */
const budgetWindow = 400;
/** A limit that was filled less often, counted in acceptances per slot, may still be too low. */
const earlyRounds = 2;
/** While the tail's length is unknown, the next try comes after this share of the time waited. */
const tailStep = 0.7;
/** If the length is known but not when the job ended: after this share of the time until the slot must be free. */
const endStep = 0.6;
/** After this many ends in a row whose slot outlasted the tail, the tail has changed. */
const lateEndsBeforeRelearning = 3;

/**
 * Learns from acceptances and refusals how many jobs an account may run at once. An acceptance is a fact: with `n` jobs in
 * flight, the limit is at least `n + 1`. A refusal has three possible causes: the limit is `n`, the slot of an ended job is
 * still taken, or another program uses the account.
 */
export class LimitEstimator {
  readonly tail: SlotReleaseDelay = new SlotReleaseDelay();
  readonly #most: number;
  #limit: number;
  /** Rises one by one until a refusal. */
  #rising: boolean;
  /** How often the limit was lowered since the last acceptance. */
  #falls = 0;
  /** Acceptances that filled the limit since it last changed. */
  #confirmations = 0;
  /** The limit before its first fall, if it was certain. */
  #before: number | undefined;
  /** By the last refusal, the limit is at most this. */
  #ceiling = Number.POSITIVE_INFINITY;
  #learned = false;
  #acceptedSinceProbe = 0;
  readonly #plan: ProbePlan;
  #probeAfter: number;
  #accepted = 0;
  #refused = 0;
  #refusedSinceAccepted = false;
  #lateEnds = 0;
  #tailDoubted = false;
  #ends: JobEnd[] = [];
  #shownAtMs: number | undefined;
  readonly #climbs: boolean;

  /**
   * `most`: the upper bound. `rising`: the limit is unknown, so fill one by one until refused; else the caller says that the
   * limit is `most`.
   */
  constructor(most: number, rising: boolean) {
    this.#most = most;
    this.#plan = rising ? plainPlan : toldPlan;
    this.#probeAfter = this.#plan.after;
    this.#climbs = rising;
    this.#rising = rising;
    this.#limit = rising ? 1 : most;
  }

  /** What another client, or a later run, needs to continue. */
  state(nowMs: number): LimitState {
    return {
      limit: this.#limit,
      rising: this.#rising,
      falls: this.#falls,
      confirmations: this.#confirmations,
      before: this.#before ?? null,
      ceiling: Number.isFinite(this.#ceiling) ? this.#ceiling : null,
      learned: this.#learned,
      shownAgeMs: this.#shownAtMs === undefined ? null : nowMs - this.#shownAtMs,
      acceptedSinceProbe: this.#acceptedSinceProbe,
      probeAfter: this.#probeAfter,
      accepted: this.#accepted,
      refused: this.#refused,
      refusedSinceAccepted: this.#refusedSinceAccepted,
      lateEnds: this.#lateEnds,
      ends: this.#ends.map(({ atMs, withinMs }) => ({ ageMs: nowMs - atMs, withinMs })),
      tail: this.tail.state,
    };
  }

  /** Takes over what another client had learned at `atMs` of this client's clock. */
  restore(state: LimitState, atMs: number): void {
    this.#limit = Math.min(this.#most, state.limit);
    this.#rising = state.rising;
    this.#falls = state.falls;
    this.#confirmations = state.confirmations;
    this.#before = state.before ?? undefined;
    this.#ceiling = state.ceiling ?? Number.POSITIVE_INFINITY;
    this.#learned = state.learned;
    this.#shownAtMs = state.shownAgeMs === null ? undefined : atMs - state.shownAgeMs;
    this.#acceptedSinceProbe = state.acceptedSinceProbe;
    this.#probeAfter = state.probeAfter;
    this.#accepted = state.accepted;
    this.#refused = state.refused;
    this.#refusedSinceAccepted = state.refusedSinceAccepted;
    this.#lateEnds = state.lateEnds;
    this.#ends = state.ends.map(({ ageMs, withinMs }) => ({ atMs: atMs - ageMs, withinMs }));
    this.tail.restore(state.tail);
  }

  /** Whether the limit was last shown more than `recentMs` ago. */
  isDoubtful(nowMs: number, recentMs: number): boolean {
    return this.#shownAtMs !== undefined && nowMs - this.#shownAtMs > recentMs;
  }

  /**
   * The account was idle, and its owner may have changed the limit. So the learned limit is only the start: no climb, but it
   * must be shown again, and a try above it costs nothing. Does nothing if the limit is not doubtful.
   */
  doubt(nowMs: number, recentMs: number): void {
    if (!this.isDoubtful(nowMs, recentMs)) return;
    if (!this.#climbs) this.#limit = this.#most;
    this.#rising = this.#climbs;
    this.#ceiling = Number.POSITIVE_INFINITY;
    this.#falls = 0;
    this.#confirmations = 0;
    this.#before = undefined;
    this.#acceptedSinceProbe = 0;
    this.#probeAfter = this.#plan.after;
    this.#accepted = 0;
    this.#refused = 0;
    this.#refusedSinceAccepted = false;
  }

  /** How many jobs the account probably allows at once. */
  get limit(): number {
    return this.#limit;
  }

  /** Whether a refusal ever showed the limit. */
  get learned(): boolean {
    return this.#learned;
  }

  /** Whether one job more than the limit may be tried. */
  get mayProbe(): boolean {
    if (this.#limit >= this.#most) return false;
    if (this.#isClimbing) return true;
    const { afterMost, budget, budgetWithTail } = this.#plan;
    return (
      this.#acceptedSinceProbe >= Math.min(afterMost, this.#probeAfter) &&
      this.#refused + 1 <= (this.tail.longerThanMs > 0 ? budgetWithTail : budget) * this.#accepted
    );
  }

  /** Milliseconds until the next submission may be tried; infinite = not before a job ends. */
  waitMs(nowMs: number, inFlight: number, submitting: number): number {
    const tails = this.#tailsLeft(nowMs);
    const free = this.#limit - inFlight - submitting;
    if (free > tails.length) return 0;
    if (free === 0 && tails.length === 0 && submitting === 0 && this.mayProbe)
      return this.#rising ? this.#untilTailsAreOverMs(nowMs) : 0;
    return free <= 0 ? Number.POSITIVE_INFINITY : (tails[tails.length - free] as number);
  }

  /** A job was accepted while `inFlight` others ran. */
  accepted(nowMs: number, inFlight: number): void {
    this.#acceptedSinceProbe += 1;
    this.#accepted += 1;
    if (this.#accepted >= budgetWindow) {
      this.#accepted /= 2;
      this.#refused /= 2;
    }
    if (inFlight + 1 > this.#limit) {
      this.#limit = Math.min(this.#most, inFlight + 1);
      if (this.#limit > this.#ceiling) this.#ceiling = Number.POSITIVE_INFINITY;
      this.#rising = true;
      this.#confirmations = 0;
      this.#shownAtMs = nowMs;
    }
    // While the limit may be higher, a slot that was always free may have taken the job, unless the account was just full.
    const spare = this.#isClimbing && !this.#refusedSinceAccepted ? 1 : 0;
    const boundMs = this.#longestSinceFreeMs(nowMs, this.#limit + spare - inFlight);
    if (boundMs !== undefined) this.tail.atMost(boundMs);
    const knewTail = this.tail.confirmed;
    this.tail.accepted();
    // A refusal from before may have been for the tail: the limit may be higher.
    if (this.tail.confirmed && !knewTail && this.#ceiling === Number.POSITIVE_INFINITY) this.#rising = true;
    if (!this.#refusedSinceAccepted) this.#lateEnds = 0;
    if (inFlight + 1 === this.#limit) this.#confirmations += 1;
    // A certain limit fell by one slot only. The provider may have released that slot late, so try once more.
    if (this.#falls === 1 && this.#before !== undefined) {
      this.#rising = true;
      this.#ceiling = this.#before;
    }
    this.#before = undefined;
    this.#refusedSinceAccepted = false;
    this.#falls = 0;
  }

  /** A job was refused while `inFlight` ran and `submitting` others were being sent. */
  refused(nowMs: number, inFlight: number, submitting: number): RefusalMeaning {
    const first = !this.#refusedSinceAccepted;
    this.#refusedSinceAccepted = true;
    const known = inFlight + submitting;
    if (known >= this.#limit) {
      this.#refused += 1;
      // Unless the slot of an ended job may have been in the way.
      const mayBeTail = this.tail.isUnknown && this.#ends.length > 0;
      if (!mayBeTail && this.#untilTailsAreOverMs(nowMs) === 0) {
        this.#ceiling = this.#limit;
        if (this.#learned) this.#probeAfter *= this.#plan.growth;
      }
      this.#show(nowMs);
      return 'full';
    }
    const end = this.#endAt(this.#limit - known);
    const ageMs = end === undefined ? Number.POSITIVE_INFINITY : nowMs - end.atMs;
    if (this.tail.canLast(ageMs, this.#falls > 0)) {
      this.tail.longerThan(ageMs);
      return 'tail';
    }
    const certain = this.#confirmations >= certainAfter;
    const isEarly = !certain && this.#accepted <= earlyRounds * this.#limit;
    if (isEarly && this.tail.confirmed && !this.#tailDoubted && Number.isFinite(ageMs)) {
      // The limit was hardly filled yet. If it is too low, it has bounded the tail too tightly: doubt the tail first, once.
      this.#tailDoubted = true;
      this.tail.relearn(ageMs);
      return 'tail';
    }
    this.tail.forgive();
    const taken = known + this.#ends.filter(({ atMs }) => atMs + this.tail.estimateMs > nowMs).length;
    if (taken > 0) {
      this.#refused += 1;
      this.#falls += 1;
      this.#show(nowMs);
      // Jobs that ended unnoticed can make a try succeed by accident; then it counts as failed.
      this.#probeAfter = certain ? this.#plan.after : this.#probeAfter * this.#plan.growth;
      this.#before = certain && this.#falls === 1 ? this.#limit : undefined;
      this.#confirmations = 0;
      // A limit that falls twice has fallen far: halve it, then rise again to where it was refused.
      this.#ceiling = taken;
      this.#rising = this.#falls >= 2;
      this.#limit = Math.min(this.#limit, this.#falls === 2 ? Math.ceil(taken / 2) : taken);
      return 'full';
    }
    if (first) this.#lateEnds += 1;
    if (this.#lateEnds >= lateEndsBeforeRelearning && Number.isFinite(ageMs)) {
      this.#lateEnds = 0;
      this.tail.relearn(ageMs);
      return 'tail';
    }
    return 'elsewhere';
  }

  /** When to try again after a refusal because of a tail, with `known` jobs in flight or being sent. In milliseconds. */
  tailStepMs(nowMs: number, known: number): number {
    const { tail } = this;
    if (!tail.bounded) return tail.longerThanMs * tailStep;
    const end = this.#endAt(this.#limit - known);
    const leftMs = end === undefined ? 0 : end.atMs + tail.estimateMs - nowMs;
    return Math.max(tail.estimateMs - tail.longerThanMs, leftMs * endStep);
  }

  ended(end: JobEnd): void {
    this.#ends.unshift(end);
    if (this.#ends.length > this.#limit + spareEnds) this.#ends.pop();
  }

  /** How long after we notice an end its slot is released. */
  releaseSlotAfterMs({ withinMs }: JobEnd): number {
    // The job ended somewhere in this interval; the middle is the best guess.
    return Math.max(0, this.tail.estimateMs - withinMs / 2);
  }

  /** Whether no refusal has shown yet that the limit is not higher. */
  get #isClimbing(): boolean {
    return this.#rising && this.#limit < Math.min(this.#most, this.#ceiling);
  }

  #show(nowMs: number): void {
    this.#shownAtMs = nowMs;
    this.#learned = true;
    this.#rising = false;
    this.#acceptedSinceProbe = 0;
  }

  /**
   * The limit leaves room for `free` more jobs, so at least one of any `free` ended jobs has released its slot. The latest
   * possible ends bound the tail best. Undefined if there were fewer ends.
   */
  #longestSinceFreeMs(nowMs: number, free: number): number | undefined {
    return this.#ends.map(({ atMs, withinMs }) => nowMs - atMs + withinMs).toSorted((a, b) => a - b)[free - 1];
  }

  /** The `position`-th youngest end. */
  #endAt(position: number): JobEnd | undefined {
    return this.#ends[position - 1];
  }

  /** A refusal above the limit only counts when no ended job can still hold its slot: milliseconds until then. */
  #untilTailsAreOverMs(nowMs: number): number {
    const youngest = this.#ends[0];
    return youngest === undefined ? 0 : Math.max(0, youngest.atMs + this.tail.longestMs - nowMs);
  }

  /** How much longer the slots of ended jobs stay taken, shortest first. */
  #tailsLeft(nowMs: number): number[] {
    return this.#ends
      .map((end) => end.atMs + this.releaseSlotAfterMs(end) - nowMs)
      .filter((left) => left > 0)
      .toSorted((a, b) => a - b);
  }
}
