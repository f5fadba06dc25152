import type { Money, TaskEvent } from '@holodeck/core';

import { messages } from '../messages/messages.ts';
import { describeMoney } from '../reports/plan-report.ts';
import type { ProgressView } from './progress-view.ts';

/** Says how far batches are, once for each answer of the service: submitted, done, since when, and the estimated saving. */
export class EconomyProgress {
  readonly #view: Pick<ProgressView, 'note'>;
  readonly #share: number;
  readonly #amounts: () => readonly Money[];
  /** What was spent before. */
  readonly #before: readonly Money[];
  readonly #now: () => number;
  /** How far the batch of each submitted task is, between 0 and 1. */
  readonly #fractions = new Map<string, number>();
  /** Their sum: the lines that are done. */
  #sum = 0;
  #sinceMs: number | undefined;
  #planned = false;
  #said = '';

  /**
   * @param share The share of the list price that is paid.
   * @param amounts What is spent so far.
   * @param now A monotonic clock in milliseconds.
   */
  constructor(
    view: Pick<ProgressView, 'note'>,
    share: number,
    amounts: () => readonly Money[],
    now: () => number = () => performance.now(),
  ) {
    this.#view = view;
    this.#share = share;
    this.#amounts = amounts;
    this.#before = amounts();
    this.#now = now;
  }

  onEvent(event: TaskEvent): void {
    if (event.type === 'state' && event.state === 'accepted') {
      this.#sinceMs ??= this.#now();
      this.#advance(event.taskId, 0);
    } else if (event.type === 'progress' && event.progress.type === 'running') {
      this.#advance(event.taskId, event.progress.fraction ?? 0);
    } else if (event.type === 'settled' && this.#fractions.has(event.taskId)) {
      this.#advance(event.taskId, 1);
    } else return;
    // One answer of the service is an event of every task.
    if (!this.#planned) setImmediate(() => this.#say());
    this.#planned = true;
  }

  #advance(taskId: string, fraction: number): void {
    this.#sum += fraction - (this.#fractions.get(taskId) ?? 0);
    this.#fractions.set(taskId, fraction);
  }

  #say(): void {
    this.#planned = false;
    const submitted = this.#fractions.size;
    const done = Math.round(this.#sum);
    if (done === submitted || this.#said === `${submitted} ${done}`) return;
    this.#said = `${submitted} ${done}`;
    const minutes = Math.floor((this.#now() - (this.#sinceMs ?? 0)) / 60_000);
    const saved = this.#amounts().map(({ amount, currency }) => {
      const before = this.#before.find((money) => money.currency === currency)?.amount ?? 0;
      return { amount: (amount - before) * (1 / this.#share - 1), currency };
    });
    this.#view.note(messages().reports.economy(submitted, done, minutes, describeMoney(saved)));
  }
}
