import type { ProgressEvent } from '../contract/index.ts';
import type { TaskState } from '../stores/task-store.ts';
import type { GenerationResult } from './generation-result.ts';

/** News of one task, in order. */
export type TaskEvent =
  /** The task moved on. `queued` is never on disk. */
  | { readonly type: 'state'; readonly taskId: string; readonly state: 'queued' | TaskState; readonly attempt: number }
  /** The provider told something of the running job. */
  | { readonly type: 'progress'; readonly taskId: string; readonly progress: ProgressEvent }
  /**
   * The task waits, and not only for its turn: the lane is paused after a refusal, its rate is used up, a place is held for a
   * submission whose outcome is not known, or an attempt is repeated.
   */
  | { readonly type: 'waiting'; readonly taskId: string; readonly reason: string; readonly waitMs: number }
  /** The end. */
  | { readonly type: 'settled'; readonly taskId: string; readonly result: GenerationResult };
