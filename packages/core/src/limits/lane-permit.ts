import type { ImageError } from '../contract/index.ts';
import type { Entrant } from './submission-gate.ts';
import type { OnWaiting } from './unknown-outcome-holds.ts';

/** The effects of permits on their lane. */
export interface PermitEffects {
  enter(entrant: Entrant, signal: AbortSignal, onWaiting: OnWaiting): Promise<void>;
  /** Makes sure after `enter` that the permit is still held. */
  keep(key: string, signal: AbortSignal): Promise<void>;
  leave(key: string): void;
  accepted(key: string, learn: boolean): void;
  refused(key: string, error: ImageError): void;
  /** The job ended: `release` is called after the learned tail. */
  ended(key: string, withinMs: number, release: () => void): void;
  /** The job is gone, and its end teaches nothing. */
  gone(): void;
  releaseSlot(key: string): void;
}

/** The right to have one job at the provider. Each effect happens once, and only in the right state. */
export class LanePermit {
  readonly #entrant: Entrant;
  readonly #effects: PermitEffects;
  #state: 'held' | 'submitting' | 'in-flight' | 'over';

  constructor(entrant: Entrant, effects: PermitEffects, from: 'held' | 'in-flight') {
    this.#entrant = entrant;
    this.#effects = effects;
    this.#state = from;
  }

  /**
   * Waits until the submission may be sent: see `SubmissionGate`. Then call exactly one of `accepted`, `perhapsAccepted`,
   * `refused` and `notAccepted`.
   */
  async enterSubmission(signal: AbortSignal, onWaiting: OnWaiting): Promise<void> {
    await this.#effects.enter(this.#entrant, signal, onWaiting);
    this.#state = 'submitting';
    try {
      await this.#effects.keep(this.#entrant.key, signal);
    } catch (error) {
      this.notAccepted();
      throw error;
    }
  }

  /** The provider accepted the job. */
  accepted(): void {
    if (this.#leaves('in-flight')) this.#effects.accepted(this.#entrant.key, true);
  }

  /** It is unknown whether the provider accepted the job: it counts as running, and nothing is learned from it. */
  perhapsAccepted(): void {
    if (this.#leaves('in-flight')) this.#effects.accepted(this.#entrant.key, false);
  }

  /** The provider refused because of a limit or overload; nothing was paid. */
  refused(error: ImageError): void {
    if (this.#leaves('held')) this.#effects.refused(this.#entrant.key, error);
  }

  /** The submission ended in any other way. */
  notAccepted(): void {
    if (this.#leaves('held')) this.#effects.leave(this.#entrant.key);
  }

  /** The job ended at most `withinMs` ago: the slot is released after the learned tail. */
  ended(withinMs: number = 0): void {
    if (this.#state !== 'in-flight') return;
    this.#state = 'over';
    const { key } = this.#entrant;
    this.#effects.ended(key, withinMs, () => this.#effects.releaseSlot(key));
  }

  /** Nothing runs for this permit: the slot is released at once. */
  release(): void {
    if (this.#state === 'over') return;
    if (this.#state === 'submitting') this.#effects.leave(this.#entrant.key);
    if (this.#state === 'in-flight') this.#effects.gone();
    this.#state = 'over';
    this.#effects.releaseSlot(this.#entrant.key);
  }

  /** Whether the submission ended now. */
  #leaves(next: 'held' | 'in-flight'): boolean {
    if (this.#state !== 'submitting') return false;
    this.#state = next;
    return true;
  }
}
