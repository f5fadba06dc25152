import type { Spending } from '@holodeck/core/backend';
import { findSentence } from '@holodeck/core/messages';
import type { AssetResult } from '@holodeck/hybrid';

import { exitCodeOf } from '../run/command-run.ts';
import type { CommandRun } from '../run/command-run.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { render } from '../messages/render.ts';
import { isInterruptedHere } from './interrupted-here.ts';
import { describeMoney } from './plan-report.ts';
import { describeError } from '../progress/describe-result.ts';

/** Writes each image of a session to stdout (its path, or a JSON line) and each failure to stderr, and counts. */
export class AssetReport {
  #made = 0;
  #present = 0;
  #cached = 0;
  #failed = 0;
  #gateFailed = 0;
  #interrupted = 0;
  /** Images that the budget left no room for. */
  #overBudget = 0;
  readonly #run: CommandRun;

  constructor(run: CommandRun) {
    this.#run = run;
  }

  add(result: AssetResult): void {
    const { labelled } = messages().reports;
    if (!result.success) {
      this.#run.print(result);
      if (isInterruptedHere(result.error)) {
        this.#interrupted += 1;
        return;
      }
      this.#failed += 1;
      if (result.error.kind === 'budget' && (this.#overBudget += 1) > 1) return;
      this.#run.error(labelled(result.assetId, describeError(result.error)));
      return;
    }
    this.#run.print(result, result.path);
    if (result.source === 'generated') this.#made += 1;
    else if (result.source === 'cache') this.#cached += 1;
    else this.#present += 1;
    for (const warning of result.warnings) this.#run.warn(labelled(result.assetId, render(warning)));
    const { gate } = result;
    if (gate?.status === 'failed') {
      this.#gateFailed += 1;
      const reasons = gate.reasons.map((reason) => render(findSentence(reason, gate.sentences)));
      this.#run.error(messages().reports.cardNotIsolated(result.assetId, reasons.join(' ')));
    }
  }

  /** What the command has paid for, if anything. */
  spent({ submissions, amounts }: Spending): void {
    if (submissions > 0) this.#run.view.note(messages().reports.spent(submissions, describeMoney(amounts)));
  }

  /** One line with the counts; says first how many more the budget left no room for. */
  summary(): string {
    if (this.#overBudget > 1) this.#run.error(messages().reports.moreOverBudget(this.#overBudget - 1));
    const { made, present, cached, failed, notIsolated, interruptedCount, listSeparator } = messages().reports;
    const parts = [made(this.#made)];
    if (this.#present > 0) parts.push(present(this.#present));
    if (this.#cached > 0) parts.push(cached(this.#cached));
    if (this.#failed > 0) parts.push(failed(this.#failed));
    if (this.#gateFailed > 0) parts.push(notIsolated(this.#gateFailed));
    if (this.#interrupted > 0) parts.push(interruptedCount(this.#interrupted));
    return parts.join(listSeparator);
  }

  /** Whether nothing was reported. */
  get isEmpty(): boolean {
    return this.#made + this.#present + this.#cached + this.#failed + this.#interrupted === 0;
  }

  exitCode(): ExitCode {
    if (this.#interrupted > 0 || this.#run.signal.aborted) return exitCodes.interrupted;
    return this.#failed + this.#gateFailed > 0 ? exitCodes.failed : exitCodes.done;
  }

  /** If the image that all others need could not be made: its error's exit code. */
  exitCodeOf(result: AssetResult): ExitCode {
    const own = this.exitCode();
    return own === exitCodes.failed && !result.success ? exitCodeOf(result.error) : own;
  }
}
