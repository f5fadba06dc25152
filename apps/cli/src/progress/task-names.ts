import type { TaskEvent } from '@holodeck/core';

import type { NameTask } from './progress-view.ts';

/** What people call the tasks of a run, by their ids. */
export class TaskNames {
  readonly #names = new Map<string, string>();
  #nameOf: NameTask = () => undefined;

  use(nameOf: NameTask): void {
    this.#nameOf = nameOf;
  }

  onEvent(event: TaskEvent): void {
    if (event.type !== 'state' || event.state !== 'queued') return;
    const name = this.#nameOf(event);
    if (name !== undefined) this.#names.set(event.taskId, name);
  }

  of(taskId: string): string {
    return this.#names.get(taskId) ?? taskId;
  }

  /** The task is over: a long batch must not fill the memory. One whose image is there was never queued. */
  take({ taskId, result }: Extract<TaskEvent, { readonly type: 'settled' }>): string {
    const { metadata } = result;
    const name = this.#names.get(taskId) ?? this.#nameOf({ taskId, ...(metadata && { metadata }) }) ?? taskId;
    this.#names.delete(taskId);
    return name;
  }
}
