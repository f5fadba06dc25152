import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { AssetRecord } from '@holodeck/core/stores';
import { assetDataOf, assetRecord } from './asset-record.ts';
import type { AssetData, MadeAsset } from './asset-record.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import { stageHolodeckLayout } from '../output/holodeck-layout.ts';
import type { StagedFile } from '../output/session-folder.ts';
import type { CardProcessor, ProcessedCard } from './card-processor.ts';
import { publishSession } from '../session/session-publisher.ts';

/** A card that is stored and whose picture is there. */
type MadeCard = AssetData & { readonly made: MadeAsset };

/** What the gate led to: `again` = another picture is to be made, with another seed. */
export type GateEnd = 'measured' | 'again';

/**
 * Measures a stored card where its verdict is missing, and writes verdict and normalised card in one publish section. A
 * card that fails is asked for again while `gateAttempts` allows; the count is stored before anything is sent, so that a
 * crash does not reset it.
 */
export async function gateCard(
  context: HybridContext,
  processor: CardProcessor,
  record: AssetRecord,
): Promise<GateEnd> {
  const data = assetDataOf(record) as MadeCard;
  const { made } = data;
  const { key: gateKey } = processor;
  if (made.gate !== null && made.gateKey === gateKey) {
    return wantsAnother(context, data, made.gate.status) ? askAgain(context, record) : 'measured';
  }
  const folder = folderOf(context, record.sessionId);
  const original = await readFile(folder.absolute(made.originalPath ?? made.path));
  const processed = await processor.process(original);
  const staged: StagedFile[] = [];
  try {
    const { originalPath } = made;
    if (processed.card !== undefined || originalPath !== undefined) {
      // Without a normalised card the original is the card, also where an earlier setting had normalised it.
      const card = await folder.stageBytes(processed.card ?? original, made.path);
      staged.push(card);
      if (context.layout === 'holodeck') {
        staged.push(...(await stageHolodeckLayout(context, folder, record.sessionId, record.assetId, card)));
      }
    }
    await publishSession(context, record.sessionId, ({ assets }) => {
      const stored = assets.find((asset) => asset.assetId === record.assetId);
      // Another picture has come meanwhile; it has a verdict of its own.
      if (stored === undefined || assetDataOf(stored).made?.originalSha256 !== made.originalSha256) return undefined;
      for (const file of staged) folder.place(file);
      const next: AssetData = { ...assetDataOf(stored), made: measured(made, processed, original, gateKey) };
      const event = { type: 'gate', data: { assetId: record.assetId, ...processed.verdict } };
      return { assets: [assetRecord(stored, next, context.clock.now())], events: [event] };
    });
  } finally {
    for (const file of staged) folder.discard(file);
  }
  return wantsAnother(context, data, processed.verdict.status) ? askAgain(context, record) : 'measured';
}

function measured(made: MadeAsset, processed: ProcessedCard, original: Uint8Array, gateKey: string): MadeAsset {
  const { verdict, card, size } = processed;
  const warnings = [...made.warnings.filter(({ feature }) => feature !== 'gate'), ...processed.warnings];
  const bytes = card ?? original;
  return {
    ...made,
    gate: verdict,
    gateKey,
    warnings,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    byteLength: bytes.byteLength,
    ...size,
  };
}

function wantsAnother({ gateAttempts }: HybridContext, data: AssetData, status: 'passed' | 'failed'): boolean {
  return status === 'failed' && data.gateRetries < gateAttempts;
}

async function askAgain(context: HybridContext, record: AssetRecord): Promise<GateEnd> {
  let asked = false;
  await publishSession(context, record.sessionId, ({ assets }) => {
    const stored = assets.find((asset) => asset.assetId === record.assetId);
    const data = stored === undefined ? undefined : assetDataOf(stored);
    if (stored === undefined || data === undefined || data.variation !== assetDataOf(record).variation)
      return undefined;
    asked = true;
    const { variationSeed: _seed, ...rest } = data;
    const variation = { variation: data.variation + 1, gateRetries: data.gateRetries + 1 };
    const next = { ...rest, ...variation, staleReason: 'it did not pass the gate' };
    return { assets: [assetRecord({ ...stored, state: 'stale' }, next, context.clock.now())] };
  });
  return asked ? 'again' : 'measured';
}

/** The other picture could not be had: the card that failed the gate is the card, and is told to be one. */
export async function keepFailedCard(context: HybridContext, record: AssetRecord): Promise<AssetRecord> {
  const kept = await publishSession(context, record.sessionId, ({ assets }) => {
    const stored = assets.find((asset) => asset.assetId === record.assetId);
    const made = stored === undefined ? undefined : assetDataOf(stored).made;
    if (stored === undefined || made === undefined) return undefined;
    const { staleReason: _reason, variationSeed: _seed, ...data } = assetDataOf(stored);
    const next = { ...data, variation: made.variation };
    return { assets: [assetRecord({ ...stored, state: 'current' }, next, context.clock.now())] };
  });
  return kept.assets.find((asset) => asset.assetId === record.assetId) ?? record;
}
