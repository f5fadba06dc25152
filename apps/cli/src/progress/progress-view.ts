import type { TaskEvent } from '@holodeck/core';

/** A name for a task; `file` is that of its image, without folder. */
export type NameTask = (
  task: Pick<Extract<TaskEvent, { readonly state: 'queued' }>, 'taskId' | 'file' | 'metadata'>,
) => string | undefined;

/** What a person sees on stderr while a command works. stdout stays free for results. */
export interface ProgressView {
  onEvent(event: TaskEvent): void;
  /** So many more tasks will come; negative = fewer. */
  expect(count: number): void;
  /** How people call the tasks of a run; undefined leaves a task its id. */
  nameTasks(nameOf: NameTask): void;
  /** A line that stays: a warning, a choice, an error. */
  note(message: string): void;
  /** Runs `write`, which writes whole lines to stdout, without tearing what is drawn: both may be one terminal. */
  aside(write: () => void): void;
  /** Ends the view; the notes stay. */
  close(): void;
}
