import type { AssetResult } from '@holodeck/hybrid';

import { exitCodeOf } from './command-run.ts';
import type { CommandRun } from './command-run.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';

/** Writes each image of a session to stdout (its path, or a JSON line) and each failure to stderr, and counts. */
export class AssetReport {
  #made = 0;
  #present = 0;
  #failed = 0;
  #gateFailed = 0;
  #interrupted = 0;
  readonly #run: CommandRun;

  constructor(run: CommandRun) {
    this.#run = run;
  }

  add(result: AssetResult): void {
    if (!result.success) {
      this.#run.print(result);
      if (result.error.kind === 'aborted') {
        this.#interrupted += 1;
        return;
      }
      this.#failed += 1;
      this.#run.error(`${result.assetId}: ${result.error.message} [${result.error.kind}, ${result.error.outcome}]`);
      return;
    }
    this.#run.print(result, result.path);
    if (result.source === 'generated') this.#made += 1;
    else this.#present += 1;
    for (const warning of result.warnings) this.#run.view.note(`warning: ${result.assetId}: ${warning.message}`);
    if (result.gate?.status === 'failed') {
      this.#gateFailed += 1;
      this.#run.error(`${result.assetId}: the card may not do for 3D: ${result.gate.reasons.join(' ')}`);
    }
  }

  summary(): string {
    const parts = [`${this.#made} made`];
    if (this.#present > 0) parts.push(`${this.#present} already there or paid for`);
    if (this.#failed > 0) parts.push(`${this.#failed} failed`);
    if (this.#gateFailed > 0) parts.push(`${this.#gateFailed} unfit for 3D`);
    if (this.#interrupted > 0) parts.push(`${this.#interrupted} interrupted`);
    return parts.join(', ');
  }

  exitCode(): ExitCode {
    if (this.#interrupted > 0 || this.#run.signal.aborted) return exitCodes.interrupted;
    return this.#failed + this.#gateFailed > 0 ? exitCodes.failed : exitCodes.done;
  }

  /** When the image that all others need could not be had: its error's own exit code. */
  exitCodeOf(result: AssetResult): ExitCode {
    const own = this.exitCode();
    return own === exitCodes.failed && !result.success ? exitCodeOf(result.error) : own;
  }
}
