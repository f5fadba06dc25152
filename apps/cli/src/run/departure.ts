import type { GenerationResult, GenerationTask, TaskEvent } from '@holodeck/core';

/**
 * Leaves once every task has been taken by the service, has ended, or waits for room in the budget, which comes only when the images
 * are fetched: that happens later.
 */
export class Departure {
  /** Tasks that were left at the service. */
  taken = 0;
  /** Tasks that had no room in the budget. */
  heldBack = 0;
  readonly #leaves: boolean;
  readonly #stop = new AbortController();
  readonly #over = new Set<string>();
  readonly #withoutRoom = new Set<string>();
  #drawn = 0;
  #exhausted = false;

  /** @param leaves False: it stays to the end. */
  constructor(leaves: boolean) {
    this.#leaves = leaves;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  onEvent(event: TaskEvent): void {
    const { taskId } = event;
    if (event.type === 'waiting' && event.messageId === 'core.budget-waits') this.#withoutRoom.add(taskId);
    else if (event.type === 'settled' || (event.type === 'state' && event.state === 'accepted')) this.#over.add(taskId);
    else if (event.type === 'state') this.#withoutRoom.delete(taskId);
    else return;
    this.#look();
  }

  async *count(tasks: AsyncIterable<GenerationTask>): AsyncGenerator<GenerationTask> {
    for await (const task of tasks) {
      this.#drawn += 1;
      yield task;
    }
    this.#exhausted = true;
    this.#look();
  }

  /** Whether the result is of a task that was left at the service, or held back. */
  took(result: GenerationResult): boolean {
    if (!this.#stop.signal.aborted || result.success) return false;
    if (result.error.outcome === 'accepted') this.taken += 1;
    else if (this.#withoutRoom.has(result.taskId)) this.heldBack += 1;
    else return false;
    return true;
  }

  #look(): void {
    const isStill = this.#over.size + this.#withoutRoom.size >= this.#drawn;
    if (this.#leaves && isStill && (this.#exhausted || this.#withoutRoom.size > 0)) this.#stop.abort();
  }
}
