import type { ImageError } from '../contract/index.ts';
import type { OnWaiting } from './unknown-outcome-holds.ts';

/** The right to have one job at the provider. */
export interface LanePermit {
  readonly key: string;
  /**
   * Waits until the submission may be sent: see `SubmissionGate`. Then call exactly one of `accepted`, `perhapsAccepted`,
   * `refused` and `notAccepted`.
   */
  enterSubmission(signal: AbortSignal, onWaiting: OnWaiting): Promise<void>;
  /** The provider accepted the job. */
  accepted(): void;
  /** It is unknown whether the provider accepted the job: it counts as running, and nothing is learned from it. */
  perhapsAccepted(): void;
  /** The provider refused because of a limit or overload; nothing was paid. */
  refused(error: ImageError): void;
  /** The submission ended in any other way. */
  notAccepted(): void;
  /** The job ended at most `withinMs` ago: the slot is released after the learned tail. */
  ended(withinMs?: number): void;
  /** Nothing runs for this permit: the slot is released at once. */
  release(): void;
}

/** The effects of a permit on its lane. */
export interface PermitEffects {
  enter(signal: AbortSignal, onWaiting: OnWaiting): Promise<void>;
  /** Makes sure after `enter` that the permit is still held. */
  keep(signal: AbortSignal): Promise<void>;
  leave(): void;
  accepted(learn: boolean): void;
  refused(error: ImageError): void;
  ended(withinMs: number): void;
  /** The job is gone, and its end teaches nothing. */
  gone(): void;
  releaseSlot(): void;
}

/** The states of one permit: each effect happens once, and only in the right state. */
export function createLanePermit(key: string, from: 'held' | 'in-flight', effects: PermitEffects): LanePermit {
  let state: 'held' | 'submitting' | 'in-flight' | 'over' = from;
  const leaveSubmission = (next: 'held' | 'in-flight', then: () => void): void => {
    if (state !== 'submitting') return;
    state = next;
    then();
  };
  return {
    key,
    enterSubmission: async (signal, onWaiting) => {
      await effects.enter(signal, onWaiting);
      state = 'submitting';
      try {
        await effects.keep(signal);
      } catch (error) {
        leaveSubmission('held', effects.leave);
        throw error;
      }
    },
    accepted: () => leaveSubmission('in-flight', () => effects.accepted(true)),
    perhapsAccepted: () => leaveSubmission('in-flight', () => effects.accepted(false)),
    refused: (error) => leaveSubmission('held', () => effects.refused(error)),
    notAccepted: () => leaveSubmission('held', effects.leave),
    ended: (withinMs = 0) => {
      if (state !== 'in-flight') return;
      state = 'over';
      effects.ended(withinMs);
    },
    release: () => {
      if (state === 'over') return;
      if (state === 'submitting') effects.leave();
      if (state === 'in-flight') effects.gone();
      state = 'over';
      effects.releaseSlot();
    },
  };
}
