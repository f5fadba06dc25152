import type { Message } from '../messages/message.ts';
import { say } from './limit-messages.ts';

/** Is told why a task waits, and for how long at most. */
export type OnWaiting = (reason: Message, waitMs: number) => void;

const reason = say('lane-hold');

/**
 * Places of a lane that are held for submissions of which nobody knows whether they arrived: nothing is seen to happen
 * meanwhile, so whoever waits for a place is told.
 */
export class UnknownOutcomeHolds {
  /** When each hold ends, by key; monotonic milliseconds. */
  readonly #untilMs = new Map<string, number>();
  readonly #waiting = new Set<OnWaiting>();

  /** A place is held; all who wait hear of it. */
  add(key: string, nowMs: number, holdMs: number): void {
    this.#untilMs.set(key, nowMs + holdMs);
    for (const tell of this.#waiting) tell(reason, this.#leftMs(nowMs));
  }

  delete(key: string): void {
    this.#untilMs.delete(key);
  }

  /** Somebody begins to wait. @returns To be called when the wait is over. */
  enter(onWaiting: OnWaiting | undefined, nowMs: number): () => void {
    if (onWaiting === undefined) return () => undefined;
    this.#waiting.add(onWaiting);
    if (this.#untilMs.size > 0) onWaiting(reason, this.#leftMs(nowMs));
    return () => this.#waiting.delete(onWaiting);
  }

  /** Until the first place is released. */
  #leftMs(nowMs: number): number {
    return Math.max(0, Math.round(Math.min(...this.#untilMs.values()) - nowMs));
  }
}
