import type { TaskEvent } from '@holodeck/core';

import { messages } from '../messages/messages.ts';
import { render } from '../messages/render.ts';
import { describeSuccess } from './describe-result.ts';
import type { ProgressView } from './progress-view.ts';

/** One line for each thing that a log should keep: acceptance, waits, ends. */
export class LineView implements ProgressView {
  readonly #stream: NodeJS.WritableStream;
  #lastWait = '';

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  onEvent(event: TaskEvent): void {
    if (event.type === 'state' && event.state === 'accepted') this.note(messages().reports.accepted(event.taskId));
    if (event.type === 'settled' && event.result.success) this.note(describeSuccess(event.taskId, event.result));
    if (event.type === 'waiting') {
      // A paused lane tells every waiting task; one line is enough.
      const reason = render({ ...event, message: event.reason });
      if (event.reason !== this.#lastWait) this.note(messages().reports.waiting(reason));
      this.#lastWait = event.reason;
    }
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
