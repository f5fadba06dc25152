import { cardGateVersion, normaliserVersion, prepareCard } from '@holodeck/cards';
import type { PrepareCardOptions, PreparedCard } from '@holodeck/cards';
import type { ImageWarning } from '@holodeck/core';
import type { GateVerdict } from './asset-record.ts';
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
  readonly key: string;
  process(original: Uint8Array): Promise<ProcessedCard>;
}

/** The processor with the given limits. */
export function createCardProcessor(options: PrepareCardOptions): CardProcessor {
  return {
    key: hashOf({ options, cardGateVersion, normaliserVersion }).slice(0, 16),
    async process(original) {
      const prepared = await prepareCard(original, options);
      const { image, warnings } = prepared.gate;
      return {
        verdict: verdictOf(prepared),
        warnings: warnings.map((message) => ({ code: 'other', feature: 'gate', message })),
        ...(prepared.changed ? { card: prepared.bytes } : {}),
        ...(image === undefined ? {} : { size: { width: image.width, height: image.height } }),
      };
    },
  };
}

/** The verdict as a manifest holds it: the reasons in words, and all measures with the versions of the rules. */
function verdictOf({ gate, original, normalised, changed }: PreparedCard): GateVerdict {
  return {
    status: gate.verdict,
    reasons: gate.checks.filter(({ passed }) => !passed).map(({ message }) => message),
    measures: {
      gateVersion: gate.gateVersion,
      checks: gate.checks.map(({ name, passed, value, threshold }) => ({ name, passed, value, threshold })),
      ...(gate.warnings.length > 0 ? { warnings: gate.warnings } : {}),
      ...(gate.object === undefined ? {} : { object: gate.object }),
      ...(gate.ground === undefined ? {} : { ground: gate.ground }),
      ...(normalised === undefined ? {} : { normalised: { changed, ...normalised } }),
      ...(changed
        ? { original: original.checks.filter(({ passed }) => !passed).map(({ name, value }) => ({ name, value })) }
        : {}),
    },
  };
}
