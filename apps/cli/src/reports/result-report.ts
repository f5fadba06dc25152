import type { GenerationResult, ImageError } from '@holodeck/core';
import type { Spending } from '@holodeck/core/backend';

import { exitCodeOf } from '../run/command-run.ts';
import type { CommandRun } from '../run/command-run.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { render } from '../messages/render.ts';
import { isInterruptedHere } from './interrupted-here.ts';
import { describeMoney } from './plan-report.ts';
import { describeFailure } from '../progress/describe-result.ts';

/** Counts results and writes each to stdout (its paths, or a JSON line) and each failure to stderr. */
export class ResultReport {
  #made = 0;
  #present = 0;
  #cached = 0;
  #failed = 0;
  #interrupted = 0;
  /** Lines of a file that the budget left no room for. */
  #overBudget = 0;
  #lastError: unknown;
  readonly #run: CommandRun;

  constructor(run: CommandRun) {
    this.#run = run;
  }

  /**
   * @param label What the user calls the task, such as a line of a batch file. Default: the task's id; empty = none.
   */
  add(result: GenerationResult, label?: string): void {
    const { labelled } = messages().reports;
    if (result.success) {
      if (result.source === 'generated') this.#made += 1;
      else if (result.source === 'cache') this.#cached += 1;
      else this.#present += 1;
      this.#run.print(
        result,
        result.images
          .map((image) => image.path)
          .filter((path) => path !== undefined)
          .join('\n'),
      );
      for (const warning of result.warnings) this.#run.warn(labelled(label || result.taskId, render(warning)));
      return;
    }
    this.#run.print(result);
    if (isInterruptedHere(result.error)) {
      this.#interrupted += 1;
      return;
    }
    this.#failed += 1;
    this.#lastError = result.error;
    // Of a file with many lines one says why, and the summary how many more.
    if (label && !this.isSaid(result.error)) return;
    const name = label ?? result.taskId;
    this.#run.error(name === '' ? describeFailure(result) : labelled(name, describeFailure(result)));
  }

  /** Whether a failure of one of many is said on its own: of those that the budget left no room for only the first is. */
  isSaid(error: Pick<ImageError, 'kind'>): boolean {
    return error.kind !== 'budget' || (this.#overBudget += 1) === 1;
  }

  /** What the command has paid for, if anything. */
  spent({ submissions, amounts }: Spending): void {
    if (submissions > 0) this.#run.view.note(messages().reports.spent(submissions, describeMoney(amounts)));
  }

  /** Counts a failure without a result; the caller has reported it. */
  addProblem(): void {
    this.#failed += 1;
  }

  /** One line with the counts; says first how many more the budget left no room for. */
  summary(): string {
    if (this.#overBudget > 1) this.#run.error(messages().reports.moreOverBudget(this.#overBudget - 1));
    const { made, present, cached, failed, interruptedCount, listSeparator } = messages().reports;
    const parts = [made(this.#made)];
    if (this.#present > 0) parts.push(present(this.#present));
    if (this.#cached > 0) parts.push(cached(this.#cached));
    if (this.#failed > 0) parts.push(failed(this.#failed));
    if (this.#interrupted > 0) parts.push(interruptedCount(this.#interrupted));
    return parts.join(listSeparator);
  }

  get failed(): number {
    return this.#failed;
  }

  /** Whether nothing was reported. */
  get isEmpty(): boolean {
    return this.#made + this.#present + this.#cached + this.#failed + this.#interrupted === 0;
  }

  /** For many tasks: 1 as soon as one failed. */
  exitCode(): ExitCode {
    if (this.#interrupted > 0 || this.#run.signal.aborted) return exitCodes.interrupted;
    return this.#failed > 0 ? exitCodes.failed : exitCodes.done;
  }

  /** For a single task: its error's own exit code. */
  exitCodeOfOne(): ExitCode {
    return this.#lastError === undefined ? this.exitCode() : exitCodeOf(this.#lastError);
  }
}
