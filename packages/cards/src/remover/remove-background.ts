import { labelPicture, readMetadata } from '@holodeck/core/labels';
import { messageOf } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';

import type { BackgroundRemover } from './background-remover.ts';
import { say } from '../card-messages.ts';
import type { CardCheckName } from '../gate/card-gate-report.ts';
import type { CardSettings } from '../make-card.ts';
import { normaliserVersion } from '../normalise-card.ts';
import { uprightPng } from '../picture.ts';
import type { PrepareCardOptions, PreparedCard } from '../prepare-card.ts';

/** Checks that say that the ground is not plain; a coarse pattern stands out from it and reaches the edge. */
const groundChecks: ReadonlySet<CardCheckName> = new Set([
  'ground-plain',
  'ground-gradient',
  'ground-noise',
  'edge-contact',
]);

/** How long a remover may take. */
const removerTimeoutMs = 120_000;

/** Makes a card, with the remover's help if the ground is not plain. What the remover does wrong costs nothing but its own cut-out. */
export async function makeCardWithRemover(
  make: (bytes: Uint8Array, settings: CardSettings) => Promise<PreparedCard>,
  bytes: Uint8Array,
  { remover, ...settings }: PrepareCardOptions,
  timeoutMs: number = removerTimeoutMs,
): Promise<PreparedCard> {
  const plain = await make(bytes, settings);
  const isGroundPlain = plain.gate.checks.every(({ name, passed }) => passed || !groundChecks.has(name));
  if (remover === undefined || settings.normalise === false || isGroundPlain) return plain;
  const leftAlone = (skipped: Message): PreparedCard => ({
    ...plain,
    gate: { ...plain.gate, warnings: [...plain.gate.warnings, skipped] },
    normalised: { normaliserVersion, steps: [], skipped },
  });
  try {
    const cut = labelPicture(await removeWithin(remover, await uprightPng(bytes), timeoutMs), readMetadata(bytes));
    const card = await make(cut, { ...settings, isCutOut: true });
    const { image } = card.original;
    if (image?.width !== plain.original.image?.width || image?.height !== plain.original.image?.height)
      return leftAlone(say('remover-size', { remover: remover.name }));
    if (!card.changed) {
      const failed = card.gate.checks.find(({ passed }) => !passed);
      const reason = failed === undefined ? say('opaque-alpha') : messageOf(failed);
      return leftAlone(say('remover-no-card', { remover: remover.name, reason }));
    }
    const outline = say('remover-outline', { remover: remover.name });
    return {
      bytes: card.bytes,
      changed: true,
      original: plain.original,
      gate: { ...card.gate, notMeasured: [...card.gate.notMeasured, outline] },
      normalised: { normaliserVersion, steps: ['remove-background', ...(card.normalised?.steps ?? [])] },
    };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, 300);
    return leftAlone(say('remover-failed', { remover: remover.name, reason }));
  }
}

async function removeWithin(
  remover: BackgroundRemover,
  png: Uint8Array<ArrayBuffer>,
  timeoutMs: number,
): Promise<Uint8Array> {
  const late = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`no answer within ${timeoutMs} ms`);
    late.abort(error);
    reject(error);
  }, timeoutMs);
  try {
    return await Promise.race([remover.removeBackground(png, late.signal), promise]);
  } finally {
    clearTimeout(timer);
  }
}
