import { randomUUID } from 'node:crypto';
import { ImageError } from '@holodeck/core';
import type { Cost, CostGate } from '@holodeck/core';
import { costOfTask } from '@holodeck/core/backend';
import type { PaidBackend } from '@holodeck/core/backend';
import { unlessAborted } from '../internal/unless-aborted.ts';
import type { CardJudge, JudgeAnswer, JudgeFindings, JudgeQuestion } from './card-judge.ts';

/** Pictures are in memory while a judge looks at them. */
const mostAtOnce = 4;
const mostWaitMs = 120_000;
const mostReasonLength = 2000;

/** Asks a client's judge: a few questions at a time, each within the budget and with an end. */
export class Judging {
  readonly model: string | undefined;
  readonly #judge: CardJudge;
  readonly #costGate: CostGate;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(judge: CardJudge, costGate: CostGate) {
    this.#judge = judge;
    this.#costGate = costGate;
    this.model = judge.model;
  }

  /** @throws ImageError of kind `budget` if the question would exceed a limit; what the judge throws; the signal's reason. */
  async ask(
    question: Omit<JudgeQuestion, 'signal'>,
    signal: AbortSignal | undefined,
  ): Promise<JudgeFindings & { readonly cost: Cost }> {
    const timeout = AbortSignal.timeout(mostWaitMs);
    const ended = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    if (this.#running === mostAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await this.#askNow({ ...question, signal: ended });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #askNow(question: JudgeQuestion): Promise<JudgeFindings & { readonly cost: Cost }> {
    question.signal.throwIfAborted();
    const backend: PaidBackend = { name: 'judge', model: this.model ?? '', capabilities: { billable: true } };
    const reservation = randomUUID();
    this.#costGate.reserve(reservation, backend, {});
    try {
      const { usage, ...answer } = await unlessAborted(this.#judge(question), question.signal);
      this.#costGate.settle(reservation, usage);
      return { ...findingsOf(answer), cost: costOfTask(this.#costGate.priceOf(backend), {}, 1, usage) };
    } catch (error) {
      const isFree =
        ImageError.isInstance(error) && (error.outcome === 'not-submitted' || error.outcome === 'rejected');
      if (isFree) this.#costGate.release(reservation);
      else this.#costGate.settle(reservation);
      throw error;
    }
  }
}

/** Only what was asked for, so that nothing else of an answer gets into a manifest. */
function findingsOf({ showsObject, oneObject, textOrMarks, look, reason }: JudgeAnswer): JudgeFindings {
  return {
    showsObject: booleanOf(showsObject),
    oneObject: booleanOf(oneObject),
    textOrMarks: booleanOf(textOrMarks),
    look: typeof look === 'number' && look >= 0 && look <= 1 ? look : null,
    reason: typeof reason === 'string' ? reason.toWellFormed().slice(0, mostReasonLength).toWellFormed() : '',
  };
}

function booleanOf(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}
