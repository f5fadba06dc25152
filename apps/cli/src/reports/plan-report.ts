import type { Cost, MaxCost, Money, TaskPlan } from '@holodeck/core';

import { priceListAge } from '@holodeck/core/backend';

import { exitCodeOf } from '../run/command-run.ts';
import type { CommandRun } from '../run/command-run.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { describeError } from '../progress/describe-result.ts';

/** Writes what each task would do to stdout, and at the end what all of them would cost. */
export class PlanReport {
  readonly #run: CommandRun;
  readonly #maxCost: MaxCost | undefined;
  readonly #amounts = new Map<string, number>();
  #submissions = 0;
  #unpriced = 0;
  #refused = 0;
  #lastError: unknown;

  constructor(run: CommandRun, maxCost: MaxCost | undefined) {
    this.#run = run;
    this.#maxCost = maxCost;
  }

  /** @param label What the user calls the task. */
  add(plan: TaskPlan, label: string): void {
    const { error, ...rest } = plan;
    this.#run.print(error === undefined ? rest : { ...rest, error: error.toJSON() }, describePlan(plan, label));
    if (error !== undefined) {
      this.#refused += 1;
      this.#lastError = error;
      this.#run.error(messages().reports.labelled(label, describeError(error)));
    }
    this.#count(plan.cost);
  }

  /** Counts a line that is not a task; the caller has reported it. */
  addProblem(): void {
    this.#refused += 1;
  }

  /** The last line: submissions and their cost. Nothing was sent. */
  finish(): void {
    const { plan } = messages().reports;
    const amounts = [...this.#amounts].map(([currency, amount]) => ({ currency, amount: round(amount) }));
    const { asOf, isOld } = priceListAge(Date.now());
    if (isOld && amounts.length > 0) this.#run.warn(messages().doctor.prices(asOf, isOld));
    const unknown = this.#unpriced === 0 ? {} : { unpriced: this.#unpriced };
    this.#run.print(
      { submissions: this.#submissions, estimatedCost: amounts, ...unknown },
      plan.submissions(this.#submissions, this.#estimate(amounts)),
    );
    for (const { amount, currency } of amounts) {
      const limit = typeof this.#maxCost === 'object' ? (this.#maxCost[currency] ?? 0) : this.#maxCost;
      if (limit !== undefined && amount > limit + 1e-9) this.#run.warn(plan.overLimit(amount, limit, currency));
    }
  }

  /** 0 unless a task would be refused. */
  exitCode(): ExitCode {
    return this.#refused > 0 ? exitCodes.failed : exitCodes.done;
  }

  /** For a single task: its error's own exit code. */
  exitCodeOfOne(): ExitCode {
    return this.#lastError === undefined ? this.exitCode() : exitCodeOf(this.#lastError);
  }

  #count({ paidSubmissions, amount, currency }: Cost): void {
    this.#submissions += paidSubmissions;
    if (paidSubmissions === 0) return;
    if (amount === undefined || currency === undefined) this.#unpriced += 1;
    else this.#amounts.set(currency, (this.#amounts.get(currency) ?? 0) + amount);
  }

  #estimate(amounts: readonly Money[]): string {
    const { plan } = messages().reports;
    if (this.#unpriced > 0) return plan.unknownCost;
    return amounts.length === 0 ? plan.nothing : describeMoney(amounts);
  }
}

/** Amounts for people: `about 0.6 CNY`. */
export function describeMoney(amounts: readonly Money[]): string {
  const { plan, listSeparator } = messages().reports;
  return amounts.map(({ amount, currency }) => plan.about(round(amount), currency)).join(listSeparator);
}

function describePlan({ action, backend, model, cost, jobId = '' }: TaskPlan, label: string): string | undefined {
  const { actions, about } = messages().reports.plan;
  const { amount, currency } = cost;
  switch (action) {
    case 'submit': {
      const price = amount === undefined || currency === undefined ? '' : about(round(amount), currency);
      return actions.submit(label, backend, model, cost.paidSubmissions === 0 ? '' : price);
    }
    case 'collect':
      return actions.collect(label, backend, jobId);
    case 'refuse':
      return undefined;
    default:
      return messages().reports.labelled(label, actions[action]);
  }
}

function round(amount: number): number {
  return Math.round(amount * 1e4) / 1e4;
}
