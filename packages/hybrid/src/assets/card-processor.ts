import type { ImageWarning } from '@holodeck/core';
import type { GateVerdict } from './asset-record.ts';
import type { PrepareCardOptions } from '../cards/index.ts';
import { hashOf } from '../internal/canonical.ts';

/** A measured card. */
export interface ProcessedCard {
  readonly verdict: GateVerdict;
  /** The card as PNG, where it was normalised; absent = the original is the card. */
  readonly card?: Uint8Array;
  /** Of the card, in pixels; absent when it cannot be read. */
  readonly size?: { readonly width: number; readonly height: number };
  readonly warnings: readonly ImageWarning[];
}

/** Gate and normaliser with their settings. Depends on nothing but the original's bytes, so it can be run again at any time. */
export interface CardProcessor {
  /** Changes whenever rules or settings do; a verdict under another key is measured again, which costs nothing. */
  key(): Promise<string>;
  process(original: Uint8Array): Promise<ProcessedCard>;
}

/** The processor with the given limits. Its code, and the image library, are loaded on first use. */
export function createCardProcessor(options: PrepareCardOptions): CardProcessor {
  return {
    async key() {
      const { cardGateVersion, normaliserVersion } = await import('../cards/index.ts');
      return hashOf({ options, cardGateVersion, normaliserVersion }).slice(0, 16);
    },
    async process(original) {
      const { gateVerdictOf, prepareCard } = await import('../cards/index.ts');
      const prepared = await prepareCard(original, options);
      const verdict = gateVerdictOf(prepared);
      const { image, warnings } = prepared.gate;
      return {
        verdict,
        warnings: warnings.map((message) => ({ code: 'other', feature: 'gate', message })),
        ...(prepared.changed ? { card: prepared.bytes } : {}),
        ...(image === undefined ? {} : { size: { width: image.width, height: image.height } }),
      };
    },
  };
}
