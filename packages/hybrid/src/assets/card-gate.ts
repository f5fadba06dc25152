import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { cardGateVersion, normaliserVersion } from '@holodeck/cards';
import type { PrepareCardOptions, PreparedCard } from '@holodeck/cards';
import type { ImageError, ImageWarning } from '@holodeck/core';
import { messageOf } from '@holodeck/core/messages';
import { hashOf } from '../internal/canonical.ts';
import { toImageError } from '../internal/errors.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import { stageHolodeckLayout } from '../output/holodeck-layout.ts';
import { isPng, toPng } from '../output/png.ts';
import type { StagedFile } from '../output/session-folder.ts';
import { publishSession } from '../session/session-publisher.ts';
import type { SessionChanges, SessionSection } from '../session/session-publisher.ts';
import { assetsOf, isMade, requireAsset } from './asset.ts';
import type { Asset, GateVerdict, MadeAsset, MadePicture } from './asset.ts';
import { assetLabels, labelDerived, labelVersion } from './asset-labels.ts';
import { say } from './asset-messages.ts';
import { resultOf } from './asset-result.ts';
import type { AssetSuccess } from './asset-result.ts';

/**
 * Normalises and measures a stored card that has no verdict yet, and writes both in one publish section. Resolves with the updated
 * result, or with `again` if another picture is needed, with another seed. Other assets, and cards that cannot be measured, keep
 * their result.
 */
export async function gateCard(context: HybridContext, result: AssetSuccess): Promise<AssetSuccess | 'again'> {
  const { cards } = context;
  if (cards === undefined) return result;
  const asset = requireAsset(await assetsOf(context, result.sessionId), result.sessionId, result.assetId);
  if (asset.spec.kind !== 'card' || asset.state !== 'current' || !isMade(asset)) return result;
  let isAnotherWanted: boolean;
  try {
    const status = await measure(context, cards, asset);
    isAnotherWanted =
      status === 'failed' && asset.gateRetries < context.gateAttempts && (await askForAnother(context, asset));
  } catch (error) {
    // The picture is paid for and stored, so it is delivered without a verdict; the next run measures it.
    const said = say('unmeasured', { reason: toImageError(error) });
    return withWarnings(result, { code: 'other', feature: 'gate', ...said });
  }
  return isAnotherWanted ? 'again' : withFindings(context, result);
}

/** No other picture could be made: the card that failed the gate stays, and its result says so. */
export async function keepFailedCard(
  context: HybridContext,
  card: AssetSuccess,
  error: ImageError,
): Promise<AssetSuccess> {
  await changeAsset(context, card, (stored) => {
    if (stored.made === undefined) return undefined;
    const { staleReason: _reason, variationSeed: _seed, ...rest } = stored;
    return { ...rest, state: 'current', variation: stored.made.variation };
  });
  const said = say('gate-kept', { reason: error });
  return withFindings(context, withWarnings(card, { code: 'other', ...said }));
}

/** The result with further warnings. */
export function withWarnings(result: AssetSuccess, ...further: readonly ImageWarning[]): AssetSuccess {
  return { ...result, warnings: [...result.warnings, ...further] };
}

/** The result as it is stored now, with the findings of what looked at it after it was made. */
export async function withFindings(context: HybridContext, result: AssetSuccess): Promise<AssetSuccess> {
  const { sessionId, assetId, source, attempts, warnings } = result;
  const asset = requireAsset(await assetsOf(context, sessionId), sessionId, assetId);
  if (!isMade(asset)) return result;
  // What an earlier measuring found does not count any more.
  const others = warnings.filter(({ feature }) => feature !== 'gate');
  const further = asset.made.warnings.filter((one) => !others.some(({ message }) => message === one.message));
  return resultOf(context, asset, { source, attempts, warnings: [...others, ...further] });
}

/** The verdict on the card. When rules or settings change it is measured again from the original, at no cost. */
async function measure(
  context: HybridContext,
  cards: PrepareCardOptions,
  asset: MadeAsset,
): Promise<GateVerdict['status']> {
  const { sessionId, assetId, made } = asset;
  const options = { ...cards, ...(cards.remover === undefined ? {} : { remover: cards.remover.name }) };
  const versions = { cardGateVersion, normaliserVersion, labelVersion };
  const gateKey = hashOf({ options, ...versions, label: context.label }).slice(0, 16);
  if (made.gate !== null && made.gateKey === gateKey) return made.gate.status;
  const folder = folderOf(context, sessionId);
  const original = await readFile(folder.absolute(made.originalPath ?? made.path));
  const prepared = await context.cardWorkers.prepareCard(original, cards);
  const verdict = verdictOf(prepared);
  const card = await labelledCard(context, made, original, prepared);
  const staged: StagedFile[] = [];
  try {
    if (prepared.changed || made.originalPath !== undefined) {
      // Without normalising, the original becomes the card, even if an earlier setting normalised it.
      const file = await folder.stageBytes(card, made.path);
      staged.push(file);
      if (context.layout === 'holodeck') {
        staged.push(...(await stageHolodeckLayout(context, folder, sessionId, assetId, file)));
      }
    }
    const events = [{ type: 'gate', data: { assetId, ...verdict } }];
    await changeAsset(
      context,
      asset,
      (stored, { place }) => {
        // Another picture arrived meanwhile, with its own verdict.
        if (stored.made?.originalSha256 !== made.originalSha256) return undefined;
        for (const file of staged) place(file);
        return { ...stored, made: { ...measured(made, original, card, prepared), gate: verdict, gateKey } };
      },
      events,
    );
  } finally {
    for (const file of staged) folder.discard(file);
  }
  return verdict.status;
}

/** The card as it is written: an original that is PNG already keeps its bytes. */
async function labelledCard(
  context: HybridContext,
  made: MadePicture,
  original: Uint8Array,
  { bytes, changed, normalised }: PreparedCard,
): Promise<Uint8Array> {
  if (!changed && isPng(bytes)) return bytes;
  const isCutOut = normalised?.steps.some((step) => step === 'cut-out' || step === 'remove-background') === true;
  const type = isCutOut ? 'compositeWithTrainedAlgorithmicMedia' : 'trainedAlgorithmicMedia';
  const making = { ...made, sha256: made.originalSha256 ?? made.sha256 };
  return labelDerived(context, await toPng(bytes), original, making, type);
}

function measured(
  made: MadePicture,
  original: Uint8Array,
  card: Uint8Array,
  { gate: { warnings, image } }: PreparedCard,
): MadePicture {
  return {
    ...made,
    warnings: [
      ...made.warnings.filter(({ feature }) => feature !== 'gate'),
      ...warnings.map((warning) => ({ code: 'other' as const, feature: 'gate', ...warning })),
    ],
    sha256: createHash('sha256').update(card).digest('hex'),
    byteLength: card.byteLength,
    labels: assetLabels(original, made.labels?.source.sha256 ?? made.originalSha256 ?? made.sha256, card),
    ...(image === undefined ? {} : { width: image.width, height: image.height }),
  };
}

/** The verdict for the manifest: the reasons in words, and all measures with the versions of the rules. */
function verdictOf({ gate, original, normalised, changed }: PreparedCard): GateVerdict {
  const failed = gate.checks.filter(({ passed }) => !passed);
  return {
    status: gate.verdict,
    reasons: failed.map(({ message }) => message),
    sentences: failed.map(messageOf),
    measures: {
      gateVersion: gate.gateVersion,
      checks: gate.checks.map(({ name, passed, value, threshold }) => ({ name, passed, value, threshold })),
      ...(gate.doubts.length > 0 ? { doubts: gate.doubts } : {}),
      ...(gate.warnings.length > 0 ? { warnings: gate.warnings } : {}),
      notMeasured: gate.notMeasured,
      ...(gate.object === undefined ? {} : { object: gate.object }),
      ...(gate.ground === undefined ? {} : { ground: gate.ground }),
      ...(normalised === undefined ? {} : { normalised: { changed, ...normalised } }),
      ...(changed
        ? { original: original.checks.filter(({ passed }) => !passed).map(({ name, value }) => ({ name, value })) }
        : {}),
    },
  };
}

/**
 * Requests another picture instead of a failed card. Stores the count before anything is sent, so that a crash does not reset it.
 * False if another caller has requested one already.
 */
async function askForAnother(context: HybridContext, asset: Asset): Promise<boolean> {
  let isAsked = false;
  await changeAsset(context, asset, (stored) => {
    if (stored.variation !== asset.variation) return undefined;
    isAsked = true;
    const { variationSeed: _seed, ...rest } = stored;
    const variation = { variation: stored.variation + 1, gateRetries: stored.gateRetries + 1 };
    return { ...rest, ...variation, state: 'stale', staleReason: say('stale-gate') };
  });
  return isAsked;
}

/** Changes one stored asset in a publish section; undefined leaves it alone. */
export async function changeAsset(
  context: HybridContext,
  { sessionId, assetId }: Pick<Asset, 'sessionId' | 'assetId'>,
  change: (stored: Asset, section: SessionSection) => Asset | undefined,
  events: SessionChanges['events'] = [],
): Promise<void> {
  await publishSession(context, sessionId, (section) => {
    const stored = section.assets.find((asset) => asset.assetId === assetId);
    const next = stored === undefined ? undefined : change(stored, section);
    return next && { assets: [{ ...next, updatedAtMs: context.clock.now() }], events };
  });
}
