import type { Message } from '../messages/message.ts';
import { say } from './limit-messages.ts';

/** Called with the reason for a wait and its longest duration. */
export type OnWaiting = (reason: Message, waitMs: number) => void;

const reason = say('lane-hold');

/**
 * Places of a lane that are held for submissions with an unknown outcome. Nothing visible happens meanwhile, so waiting tasks
 * are notified.
 */
export class UnknownOutcomeHolds {
  /** When each hold ends, by key; monotonic milliseconds. */
  readonly #untilMs = new Map<string, number>();
  readonly #waiting = new Set<OnWaiting>();

  /** Holds a place and notifies all waiting tasks. */
  add(key: string, nowMs: number, holdMs: number): void {
    this.#untilMs.set(key, nowMs + holdMs);
    for (const notify of this.#waiting) notify(reason, this.#leftMs(nowMs));
  }

  delete(key: string): void {
    this.#untilMs.delete(key);
  }

  /** A task begins to wait. @returns Call it when the wait is over. */
  enter(onWaiting: OnWaiting | undefined, nowMs: number): () => void {
    if (onWaiting === undefined) return () => undefined;
    this.#waiting.add(onWaiting);
    if (this.#untilMs.size > 0) onWaiting(reason, this.#leftMs(nowMs));
    return () => this.#waiting.delete(onWaiting);
  }

  /** Milliseconds until the first place is released. */
  #leftMs(nowMs: number): number {
    return Math.max(0, Math.round(Math.min(...this.#untilMs.values()) - nowMs));
  }
}
