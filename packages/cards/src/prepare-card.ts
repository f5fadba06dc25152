import type { BackgroundRemover } from './remover/background-remover.ts';
import { assertCardOptions } from './gate/assert-options.ts';
import type { CardGateReport } from './gate/card-gate-report.ts';
import { makeCard } from './make-card.ts';
import type { NormalisedCard, NormaliseOptions } from './normalise-card.ts';
import { makeCardWithRemover } from './remover/remove-background.ts';

/** How a card is judged and normalised. */
export interface PrepareCardOptions extends NormaliseOptions {
  /** Whether the card is normalised before it is judged. Default true. */
  readonly normalise?: boolean;
  /** Cuts the object out where the ground is not plain. Default: none, and such a card fails. */
  readonly remover?: BackgroundRemover;
}

/** A card ready to be delivered, with its verdict. */
export interface PreparedCard {
  /** The card: a PNG that says the same about its making if it was normalised, else the given bytes. */
  readonly bytes: Uint8Array;
  /** Whether `bytes` differ from those given. */
  readonly changed: boolean;
  /** Verdict on the card that is delivered. */
  readonly gate: CardGateReport;
  /** What the gate found on the bytes as given. */
  readonly original: CardGateReport;
  /** What the normaliser did, or why it did nothing; absent if it was turned off. */
  readonly normalised?: Omit<NormalisedCard, 'bytes' | 'changed'>;
}

/**
 * Normalises a card (unless told not to) and judges what is to be delivered. A shape, file size, opaque alpha channel or
 * soft shadow that the normaliser makes good does not fail a card, and neither does a small object that has pixels enough
 * to be enlarged; what was found before stands in `original`. Works in this thread; `openCardWorkers` does the same in
 * others. Pure and deterministic, apart from a remover. Rejects with an `ImageError` of kind `invalid-request` for options that make no sense.
 */
export async function prepareCard(bytes: Uint8Array, options: PrepareCardOptions = {}): Promise<PreparedCard> {
  assertCardOptions(options);
  return makeCardWithRemover(makeCard, bytes, options);
}
