import type { GenerationResult, GenerationTask, TaskEvent } from '@holodeck/core';

/** Leaves once every task has been taken by the service or has ended: the images are fetched later. */
export class Departure {
  /** Tasks that were left at the service. */
  taken = 0;
  readonly #leaves: boolean;
  readonly #stop = new AbortController();
  readonly #over = new Set<string>();
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
    if (event.type !== 'settled' && (event.type !== 'state' || event.state !== 'accepted')) return;
    this.#over.add(event.taskId);
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

  /** Whether the result is of a task that was left at the service. */
  took(result: GenerationResult): boolean {
    if (!this.#stop.signal.aborted || result.success || result.error.outcome !== 'accepted') return false;
    this.taken += 1;
    return true;
  }

  #look(): void {
    if (this.#leaves && this.#exhausted && this.#over.size >= this.#drawn) this.#stop.abort();
  }
}
