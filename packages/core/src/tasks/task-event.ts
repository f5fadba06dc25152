import type { ImageWarning, ProgressEvent } from '../contract/index.ts';
import type { Message } from '../messages/message.ts';
import type { TaskState } from '../stores/task-store.ts';
import type { GenerationResult } from './generation-result.ts';

/** A task waits. `renderMessage({ ...event, message: event.reason })` translates the reason. */
export interface WaitingEvent extends Omit<Message, 'message'> {
  readonly type: 'waiting';
  readonly taskId: string;
  readonly reason: string;
  readonly waitMs: number;
}

/** Events of one task, in order. */
export type TaskEvent =
  /** The task waits for its turn; never stored. `file` is the caller's file name, without folder, if there is one. */
  | {
      readonly type: 'state';
      readonly taskId: string;
      readonly state: 'queued';
      readonly attempt: number;
      readonly file?: string;
      readonly metadata?: Readonly<Record<string, unknown>>;
    }
  /** The task has a new state. `typicalMs`: how long an accepted job takes by those before it, if there were any. */
  | {
      readonly type: 'state';
      readonly taskId: string;
      readonly state: TaskState;
      readonly attempt: number;
      readonly typicalMs?: number;
    }
  /** Progress of the running job. */
  | { readonly type: 'progress'; readonly taskId: string; readonly progress: ProgressEvent }
  /**
   * The task waits longer than for its turn: the lane is paused after a refusal, its rate is used up, a place is held for a
   * submission with an unknown outcome, or an attempt is retried.
   */
  | WaitingEvent
  /** Something that the caller should know before the end; it stands on the result as well. */
  | { readonly type: 'warning'; readonly taskId: string; readonly warning: ImageWarning }
  /** The end. */
  | { readonly type: 'settled'; readonly taskId: string; readonly result: GenerationResult };
