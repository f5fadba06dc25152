import type { TaskEvent } from '@holodeck/core';

import { messages } from '../messages/messages.ts';
import { render } from '../messages/render.ts';
import { describeSuccess } from './describe-result.ts';
import type { NameTask, ProgressView } from './progress-view.ts';
import { TaskNames } from './task-names.ts';

/** One line for each thing that a log should keep: acceptance, waits, ends. */
export class LineView implements ProgressView {
  readonly #stream: NodeJS.WritableStream;
  readonly #names = new TaskNames();
  #lastWait = '';

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  onEvent(event: TaskEvent): void {
    this.#names.onEvent(event);
    if (event.type === 'state' && event.state === 'accepted') {
      this.note(messages().reports.accepted(this.#names.of(event.taskId)));
    }
    if (event.type === 'settled') {
      const name = this.#names.take(event);
      if (event.result.success) this.note(describeSuccess(name, event.result));
    }
    if (event.type === 'warning') this.note(render(event.warning));
    if (event.type === 'waiting') {
      // Every task of a paused lane reports the wait; one line is enough.
      const reason = render({ ...event, message: event.reason });
      if (event.reason !== this.#lastWait) this.note(messages().reports.waiting(reason));
      this.#lastWait = event.reason;
    }
  }

  expect(): void {
    // A log has no bar.
  }

  nameTasks(nameOf: NameTask): void {
    this.#names.use(nameOf);
  }

  note(message: string): void {
    this.#stream.write(`${message}\n`);
  }

  aside(write: () => void): void {
    write();
  }

  close(): void {
    this.#lastWait = '';
  }
}
