import { CostGate, ImageError } from '@holodeck/core';
import type { Money, PriceList } from '@holodeck/core';
import type { CardJudge, JudgeAnswer, JudgeQuestion } from '@holodeck/hybrid';
import type { BudgetLedger } from './budget-ledger.ts';
import type { Caller } from './caller.ts';

interface Accounts {
  readonly ledger: BudgetLedger;
  readonly prices: PriceList;
  /** Who pays for a session. */
  readonly callerOf: (sessionId: string) => Caller | undefined;
}

/** Counts a judge's questions in the budget of the key whose scene they are about. A question beyond it is not asked. */
export function judgeWithinBudget(judge: CardJudge, { ledger, prices, callerOf }: Accounts): CardJudge {
  const { model } = judge;
  const backend = { name: 'judge', model: model ?? '', capabilities: { billable: true } };
  const ask = async (question: JudgeQuestion): Promise<JudgeAnswer> => {
    const caller = callerOf(question.sessionId);
    if (caller === undefined) return judge(question);
    const gate = new CostGate({ prices });
    gate.reserve('question', backend, {});
    const reserved = gate.reservedFor('question');
    await ledger.reserve(caller, backend.name, reserved);
    const settle = async (spent: Money | undefined): Promise<void> => {
      if (reserved === undefined || caller.free?.includes(backend.name) === true) return;
      await ledger.giveBack(caller, { ...reserved, amount: reserved.amount - (spent?.amount ?? 0) });
    };
    const answer = await judge(question).catch(async (error: unknown) => {
      // Any other failure may have been charged.
      if (ImageError.isInstance(error) && ['not-submitted', 'rejected'].includes(error.outcome))
        await settle(undefined);
      throw error;
    });
    gate.settle('question', answer.usage);
    // A verdict that is paid for is not given up for the rest of a reservation.
    await settle(gate.spending.amounts[0]).catch(() => undefined);
    return answer;
  };
  return model === undefined ? ask : Object.assign(ask, { model });
}
