import type { Cost, ImageUsage } from '@holodeck/core';
import type { CardView } from '../assets/card-views.ts';

/** What a judge is shown, and asked. */
export interface JudgeQuestion {
  /** The session of the card. */
  readonly sessionId: string;
  /** The object that was asked for, in the caller's words. */
  readonly name: string;
  readonly description: string;
  /** The side that the card should show. */
  readonly view: CardView;
  /** The card as it is delivered: a PNG. */
  readonly card: Uint8Array;
  /** The scene reference whose look it should have: a PNG. Absent if the session has none. */
  readonly reference?: Uint8Array;
  /** Ends the wait: the caller is gone, or two minutes are over. */
  readonly signal: AbortSignal;
}

/** What a judge sees on a card. Null = it did not say. */
export interface JudgeFindings {
  /** Whether the card shows the object that was asked for. */
  readonly showsObject: boolean | null;
  /** Whether it shows one object alone. */
  readonly oneObject: boolean | null;
  /** Whether there is text, a watermark or another mark on it. */
  readonly textOrMarks: boolean | null;
  /** How well its look agrees with the scene reference: 0 (not at all) to 1. */
  readonly look: number | null;
  /** Why, in the judge's words. */
  readonly reason: string;
}

/** The answer of a judge. */
export interface JudgeAnswer extends JudgeFindings {
  /** The tokens of the answer, to charge them by the price list. */
  readonly usage?: ImageUsage;
}

/**
 * Looks at the contents of cards, which the gate does not. Asked once for each card that the gate did not fail. Its price is that of
 * `judge/<model>` or `judge` in the price list, for one question as for one image. A judge that throws harms no card.
 */
export interface CardJudge {
  (question: JudgeQuestion): Promise<JudgeAnswer>;
  /** Names what answers, in verdicts and prices: another model is asked again. Default: `judge` alone. */
  readonly model?: string;
}

/** A stored verdict: what was seen, on which bytes, and what the question has cost. */
export interface JudgeVerdict extends JudgeFindings {
  readonly model?: string;
  /** Of the card that was shown; lowercase hex. */
  readonly sha256: string;
  /** Hash of the whole question: card, reference, words, model. */
  readonly key: string;
  readonly cost: Cost;
}
