import type { TaskEvent } from '@holodeck/core';

/** What a person sees on stderr while a command works. stdout stays free for results. */
export interface ProgressView {
  onEvent(event: TaskEvent): void;
  /** A line that stays: a warning, a choice, an error. */
  note(message: string): void;
  /** Runs `write`, which writes whole lines to stdout, without tearing what is drawn: both may be one terminal. */
  aside(write: () => void): void;
  /** Ends the view; the notes stay. */
  close(): void;
}
