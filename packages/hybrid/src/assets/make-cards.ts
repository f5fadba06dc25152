import { readFile } from 'node:fs/promises';
import { fitOutlines } from '@holodeck/cards';
import type { ImageWarning } from '@holodeck/core';
import { sessionError } from '../internal/errors.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import { assetsOf, isMade } from './asset.ts';
import type { MadeAsset, MadePicture, ViewFit } from './asset.ts';
import type { AssetMaker } from './asset-maker.ts';
import { callListener } from './asset-progress.ts';
import { say } from './asset-messages.ts';
import type { AssetResult, ObjectCardResult } from './asset-result.ts';
import { assetIdOf, cardAssetId } from './asset-spec.ts';
import type { CardSpec } from './asset-spec.ts';
import type { CallState } from './call-state.ts';
import { changeAsset, withFindings } from './card-gate.ts';
import { oppositeOf } from './card-views.ts';
import type { CardView } from './card-views.ts';
import { failureOf } from './make-asset.ts';

/** The cards of one object: the front, then its further views. */
export type CardsOfObject = readonly [front: CardSpec, ...views: CardSpec[]];

/** Opposite outlines that have less in common than this are not of one object, seen from the same distance. */
const leastMirror = 0.8;

/** Makes the cards of one object: the front first, then its views as edits of it. A view without a front is not tried. */
export async function makeCards(
  { context, maker }: { readonly context: HybridContext; readonly maker: AssetMaker },
  sessionId: string,
  [front, ...views]: CardsOfObject,
  call: CallState,
): Promise<ObjectCardResult[]> {
  const { objectId } = front;
  const first = await maker.make(sessionId, assetIdOf(front), call);
  const further = await Promise.all(
    views.map(async (spec): Promise<AssetResult> => {
      const assetId = assetIdOf(spec);
      if (first.success) return maker.make(sessionId, assetId, call);
      const said = say('front-failed', { objectId, assetId, reason: first.error });
      return failureOf({ sessionId }, assetId, sessionError('no-front', said, first.error));
    }),
  );
  const made = views.length === 0 ? [first] : await withFits(context, objectId, [first, ...further]);
  const results = made.map((result, index) => ({
    ...result,
    objectId,
    name: front.name,
    view: views[index - 1]?.view ?? ('front' as const),
  }));
  for (const result of results) callListener(context, call.onResult, result);
  return results;
}

/** Compares the views of an object with each other, and adds what was found to the results of some of them. */
export async function withFits(
  context: HybridContext,
  objectId: string,
  results: readonly AssetResult[],
): Promise<readonly AssetResult[]> {
  const [{ sessionId }] = results as readonly [AssetResult];
  try {
    await compareViews(context, sessionId, objectId);
  } catch (error) {
    // The pictures are made all the same; the next run compares them.
    context.logger?.warn(
      { sessionId, objectId, error: String(error) },
      'The views of an object could not be compared.',
    );
  }
  return Promise.all(results.map(async (result) => (result.success ? withFindings(context, result) : result)));
}

async function compareViews(context: HybridContext, sessionId: string, objectId: string): Promise<void> {
  const assets = (await assetsOf(context, sessionId)).filter(isMade).filter(({ state }) => state === 'current');
  const find = (view: CardSpec['view']): MadeAsset | undefined =>
    assets.find(({ assetId }) => assetId === cardAssetId(objectId, view));
  const [front, left, back, right] = [find(undefined), find('left'), find('back'), find('right')];
  // Each pair once: what was made later says how it fits what was made before.
  await compare(context, left, 'left', { front });
  await compare(context, back, 'back', { front });
  await compare(context, right, 'right', { front, left });
}

async function compare(
  context: HybridContext,
  asset: MadeAsset | undefined,
  view: CardView,
  others: Readonly<Partial<Record<CardView, MadeAsset | undefined>>>,
): Promise<void> {
  if (asset === undefined) return;
  const folder = folderOf(context, asset.sessionId);
  const read = ({ made }: MadeAsset): Promise<Buffer> => readFile(folder.absolute(made.path));
  const known = asset.made.fits ?? [];
  const fits: ViewFit[] = [];
  for (const [name, other] of Object.entries(others) as [CardView, MadeAsset | undefined][]) {
    if (other === undefined) continue;
    const of = [asset.made.sha256, other.made.sha256] as const;
    const before = known.find((fit) => fit.of[0] === of[0] && fit.of[1] === of[1]);
    const fit = before ?? (await fitOutlines(await read(asset), await read(other)));
    if (fit === undefined) continue;
    const { heights, mirror } = fit;
    fits.push(before ?? { view: name, heights, ...(oppositeOf[view] === name ? { mirror } : {}), of });
  }
  if (fits.length === known.length && fits.every((fit) => known.includes(fit))) return;
  await changeAsset(context, asset, (stored) =>
    stored.made?.sha256 === asset.made.sha256 ? { ...stored, made: withFitsOf(stored.made, view, fits) } : undefined,
  );
}

function withFitsOf(made: MadePicture, view: CardView, fits: readonly ViewFit[]): MadePicture {
  const differing = fits.filter(({ mirror }) => mirror !== undefined && mirror < leastMirror);
  const warnings = differing.map(({ view: other, mirror = 0 }): ImageWarning => {
    const said = say('outlines-differ', { view, other, percent: Math.round(mirror * 100) });
    return { code: 'other', feature: 'views', ...said };
  });
  return { ...made, fits, warnings: [...made.warnings.filter(({ feature }) => feature !== 'views'), ...warnings] };
}
