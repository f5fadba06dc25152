import type { ProgressEvent } from '../contract/index.ts';
import type { Message } from '../messages/message.ts';
import type { TaskState } from '../stores/task-store.ts';
import type { GenerationResult } from './generation-result.ts';

/** A task waits. The reason is a message: `renderMessage({ ...event, message: event.reason })` says it in another language. */
export interface WaitingEvent extends Omit<Message, 'message'> {
  readonly type: 'waiting';
  readonly taskId: string;
  readonly reason: string;
  readonly waitMs: number;
}

/** News of one task, in order. */
export type TaskEvent =
  /** The task waits for its turn. Never on disk. `file` is the name of its output, without folder, where the caller gave one. */
  | {
      readonly type: 'state';
      readonly taskId: string;
      readonly state: 'queued';
      readonly attempt: number;
      readonly file?: string;
      readonly metadata?: Readonly<Record<string, unknown>>;
    }
  /** The task moved on. */
  | { readonly type: 'state'; readonly taskId: string; readonly state: TaskState; readonly attempt: number }
  /** The provider told something of the running job. */
  | { readonly type: 'progress'; readonly taskId: string; readonly progress: ProgressEvent }
  /**
   * The task waits, and not only for its turn: the lane is paused after a refusal, its rate is used up, a place is held for a
   * submission whose outcome is not known, or an attempt is repeated.
   */
  | WaitingEvent
  /** The end. */
  | { readonly type: 'settled'; readonly taskId: string; readonly result: GenerationResult };
