import type { GenerationFailure, GenerationSuccess, ImageError, ImageWarning } from '@holodeck/core';
import type { Message } from '@holodeck/core/messages';
import type { SessionRecord } from '@holodeck/core/stores';
import { messageOf } from '@holodeck/core/backend';
import { sessionError, toImageError } from '../internal/errors.ts';
import { folderOf, scopeOf } from '../internal/hybrid-context.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { unlessAborted } from '../internal/unless-aborted.ts';
import type { Grant } from '../lock/session-lock.ts';
import { sessionDataOf } from '../session/session-data.ts';
import { publishSession } from '../session/session-publisher.ts';
import { assetsOf, currentAsset, isMade, requireAsset } from './asset.ts';
import type { Asset } from './asset.ts';
import { followsReference, planAsset, sendsReference } from './asset-plan.ts';
import type { AssetPlan, CurrentReference, PlanInput } from './asset-plan.ts';
import { AssetReporter } from './asset-progress.ts';
import { resultOf } from './asset-result.ts';
import type { AssetResult, AssetSuccess } from './asset-result.ts';
import { cardAssetId, sceneReferenceId } from './asset-spec.ts';
import type { CallState } from './call-state.ts';
import { assertTakesViews } from './card-views.ts';
import { say } from './asset-messages.ts';
import { gateCard, keepFailedCard } from './card-gate.ts';
import { judgeCard } from '../judge/judge-card.ts';
import { mainColours } from '../prompts/main-colours.ts';
import { publishImage } from './publish-image.ts';
import type { Published } from './publish-image.ts';

/** The result of one attempt under one grant. `backend-changed`: the session has another backend now; enter again. */
export type MakeEnd = AssetResult | 'backend-changed';

/** One asset that is being made. */
interface Making {
  readonly context: HybridContext;
  readonly grant: Grant;
  readonly assetId: string;
  readonly call: CallState;
}

/**
 * Brings one asset to `current` under a grant. The steps, each a function of its own:
 *
 * 1. `inTurn`: calls for the same asset of the same client wait for each other.
 * 2. `bring`: what the asset follows is made first if it is stale: the scene reference, and the front card of a view.
 * 3. `planAsset`: the words, the seed and the hash of everything that decides the picture.
 * 4. `useWhatIsThere`: an existing picture that fits is used.
 * 5. `generate`: the driver fetches what is already paid for; otherwise it submits.
 * 6. `publishImage`: files, rows and manifest change together; the first picture of a claim locks the session.
 * 7. `gateCard`: a card is normalised and measured. One that fails goes through the steps from 2 again, with another seed, as
 *    often as the settings allow.
 * 8. `judgeCard`: the judge looks at it, if there is one.
 *
 * Rejects only when the call is aborted while it waits for its turn.
 */
export async function makeAsset(
  context: HybridContext,
  grant: Grant,
  assetId: string,
  call: CallState,
): Promise<MakeEnd> {
  const making = { context, grant, assetId, call };
  return inTurn(making, () =>
    makePassing(making).catch((error: unknown) => failureOf(grant, assetId, toImageError(error))),
  );
}

async function makePassing(making: Making): Promise<MakeEnd> {
  let failedCard: AssetSuccess | undefined;
  for (;;) {
    const result = await makePicture(making);
    if (result === 'backend-changed') return result;
    if (!result.success) {
      return failedCard === undefined ? result : keepFailedCard(making.context, failedCard, result.error);
    }
    const gated = await gateCard(making.context, result);
    if (gated !== 'again') return judgeCard(making.context, gated, making.call.signal);
    failedCard = result;
  }
}

const running = new WeakMap<HybridContext, Map<string, Promise<MakeEnd>>>();

async function inTurn({ context, grant, assetId, call }: Making, make: () => Promise<MakeEnd>): Promise<MakeEnd> {
  const own = running.get(context) ?? new Map<string, Promise<MakeEnd>>();
  running.set(context, own);
  const key = `${grant.sessionId}\n${assetId}`;
  for (let other = own.get(key); other !== undefined; other = own.get(key)) await unlessAborted(other, call.signal);
  const promise = make().finally(() => own.delete(key));
  own.set(key, promise);
  return promise;
}

async function makePicture(making: Making): Promise<MakeEnd> {
  const { context, grant, assetId, call } = making;
  const { sessionId } = grant;
  const found = await lookUp(making);
  if (found.asset.spec.kind === 'imported-reference') return importedResult(context, found.asset);
  const isView = found.asset.spec.kind === 'card' && found.asset.spec.view !== undefined;
  if (isView || call.views) assertTakesViews(grant.look);
  if (followsReference(found.asset.spec)) {
    const problem = await bring(making, found.reference);
    if (problem !== undefined) return problem;
  }
  if (isView) {
    const problem = await bring(making, (await lookUp(making)).front);
    if (problem !== undefined) return problem;
  }
  const { asset, session, reference, front } = await lookUp(making);
  const plan = planAsset({
    asset,
    session: sessionDataOf(session),
    choiceEpoch: grant.choiceEpoch,
    reference: await currentReference(context, reference, followsReference(asset.spec) && !sendsReference(grant.look)),
    front: currentFront(context, front),
    backend: grant.look,
    prompts: context.prompts,
  });
  const present = await useWhatIsThere(making, asset, plan);
  if (present !== undefined) return present;
  assertReference(asset, reference);
  assertFront(asset, front);
  const result = await generate(making, plan);
  if (!result.success) return failureOf(grant, assetId, lockError(grant, result.error), result.warnings);
  const published = await publishImage(context, { sessionId, assetId, plan: plan.stored, result });
  return published.state === 'superseded' ? 'backend-changed' : publishedResult(context, published, result, asset);
}

interface LookUp {
  readonly asset: Asset;
  readonly reference: Asset | undefined;
  /** Of a view: the card that it is an edit of. */
  readonly front: Asset | undefined;
  readonly session: SessionRecord;
}

async function lookUp({ context, grant: { sessionId }, assetId }: Making): Promise<LookUp> {
  const [session, assets] = [await context.store.sessions.get(sessionId), await assetsOf(context, sessionId)];
  const asset = requireAsset(session === undefined ? [] : assets, sessionId, assetId);
  const { spec } = asset;
  const frontId = spec.kind === 'card' && spec.view !== undefined ? cardAssetId(spec.objectId) : undefined;
  return {
    asset,
    reference: assets.find((one) => one.assetId === sceneReferenceId),
    front: assets.find((one) => one.assetId === frontId),
    session: session as SessionRecord,
  };
}

/** After a restart or a changed wish, what the asset follows comes first. */
async function bring(
  { context, grant, assetId, call }: Making,
  followed: Asset | undefined,
): Promise<MakeEnd | undefined> {
  if (followed?.state !== 'stale' || !isMade(followed) || followed.spec.kind === 'imported-reference') return undefined;
  const result = await makeAsset(context, grant, followed.assetId, call);
  if (result === 'backend-changed') return result;
  return result.success ? undefined : failureOf(grant, assetId, result.error, result.warnings);
}

/** Cards without a scene reference rarely match, and would be paid for again once it exists. */
function assertReference({ sessionId, assetId, spec, withoutReference }: Asset, reference: Asset | undefined): void {
  if (spec.kind !== 'card' || reference?.state === 'current' || withoutReference === true) return;
  const reason = reference?.error;
  const message =
    reason === undefined
      ? say('no-reference', { sessionId, assetId })
      : say('reference-failed', { sessionId, assetId, reason });
  throw sessionError('no-reference', message);
}

/** A view shows its object as the front card does, so it needs one that can be used. */
function assertFront({ sessionId, assetId, spec }: Asset, front: Asset | undefined): void {
  if (spec.kind !== 'card' || spec.view === undefined) return;
  const { objectId } = spec;
  if (front?.state !== 'current') throw sessionError('no-front', say('no-front', { sessionId, objectId, assetId }));
  if (front.made?.gate?.status === 'failed') throw sessionError('no-front', say('front-unfit', { objectId, assetId }));
}

/** The front card as it was delivered: what is cut out has lost its ground, and services differ in what they make of that. */
function currentFront(context: HybridContext, front: Asset | undefined): PlanInput['front'] {
  if (front?.state !== 'current' || !isMade(front)) return undefined;
  const { originalPath, originalSha256, path, sha256 } = front.made;
  const absolute = folderOf(context, front.sessionId).absolute(originalPath ?? path);
  return { sha256: originalSha256 ?? sha256, path: absolute };
}

async function currentReference(
  context: HybridContext,
  reference: Asset | undefined,
  inWords: boolean,
): Promise<CurrentReference | undefined> {
  if (reference?.state !== 'current' || !isMade(reference)) return undefined;
  const { sha256, path } = reference.made;
  const absolute = folderOf(context, reference.sessionId).absolute(path);
  if (!inWords) return { sha256, path: absolute };
  const { spec } = reference;
  return {
    sha256,
    path: absolute,
    colours: await mainColours(absolute),
    ...(spec.kind === 'scene-reference' ? { text: spec.text } : {}),
  };
}

/** The existing asset, if it is what would be made and its files are intact. */
async function useWhatIsThere(
  { context, grant }: Making,
  asset: Asset,
  { stored }: AssetPlan,
): Promise<AssetResult | undefined> {
  if (!isMade(asset)) return undefined;
  const { made } = asset;
  if (made.makeKey !== stored.makeKey || made.choiceEpoch !== grant.choiceEpoch) return undefined;
  if (!(await folderOf(context, asset.sessionId).holds(made))) return undefined;
  const current = asset.state === 'current' ? asset : await makeCurrent(context, asset);
  return resultOf(context, { ...current, made }, { source: 'resumed', attempts: 0 });
}

/** The caller wants again what the files were made for. */
async function makeCurrent(context: HybridContext, asset: Asset): Promise<Asset> {
  const next = currentAsset(asset, context.clock.now());
  await publishSession(context, asset.sessionId, ({ assets, session }) => {
    const stored = assets.find(({ assetId }) => assetId === asset.assetId);
    if (stored === undefined || stored.updatedAtMs !== asset.updatedAtMs) return undefined;
    return { assets: [{ ...next, epoch: session.epoch }] };
  });
  return next;
}

async function generate(
  { context, grant, assetId, call }: Making,
  { stored, request }: AssetPlan,
): Promise<GenerationSuccess | GenerationFailure> {
  const { sessionId, choiceEpoch } = grant;
  const reporter = new AssetReporter(context, sessionId, assetId, call.onProgress);
  const variation = stored.variation === 0 ? '' : `#${stored.variation}`;
  const taskId = `${assetId}@${choiceEpoch}${variation}`;
  const result = await grant.loaded.client.generate(
    {
      ...request,
      scope: scopeOf(sessionId),
      taskId,
      outputPath: folderOf(context, sessionId).incoming(assetId, choiceEpoch, stored.makeKey),
      metadata: { sessionId, assetId, plan: stored },
      // The reference first: cards that wait for a permit would be made without it.
      priority: assetId === sceneReferenceId ? 1 : 0,
    },
    { onProgress: reporter.onEvent, ...(call.signal === undefined ? {} : { signal: call.signal }) },
  );
  await reporter.settled();
  return result;
}

/** @param before The asset when it was planned. */
function publishedResult(
  context: HybridContext,
  { asset, state, madeStale }: Published,
  { source, attempts }: GenerationSuccess,
  before: Asset,
): AssetResult {
  const further: Message[] = [];
  if (before.state === 'stale' && before.staleReason !== undefined)
    further.push(say('made-again', { reason: before.staleReason }));
  if (madeStale.length > 0) {
    const ids = madeStale.join(', ');
    further.push(asset.spec.kind === 'card' ? say('views-stale', { ids }) : say('followers-stale', { ids }));
  }
  if (state === 'outdated') further.push(say('outdated'));
  if (asset.state === 'stale')
    further.push(say('stale-already', { reason: asset.staleReason ?? say('stale-unknown') }));
  const warnings: ImageWarning[] = [
    ...asset.made.warnings,
    ...further.map((message) => ({ code: 'other' as const, ...message })),
  ];
  return resultOf(context, asset, { source, attempts, warnings });
}

async function importedResult(context: HybridContext, asset: Asset): Promise<AssetResult> {
  if (!isMade(asset) || !(await folderOf(context, asset.sessionId).holds(asset.made))) {
    throw sessionError('not-found', say('import-gone', { sessionId: asset.sessionId }));
  }
  return resultOf(context, asset, { source: 'imported', attempts: 0 });
}

/** What a session is locked to is gone from the backend: no other of its models may take its place. */
function lockError({ sessionId, look, pilot }: Grant, error: ImageError): ImageError {
  if (error.code !== 'look-gone' || pilot) return error;
  const { name, model } = look;
  return sessionError(
    'lock-mismatch',
    say('look-gone', { sessionId, backend: name, model, reason: messageOf(error) }),
    error,
  );
}

/** A failure under a grant. */
export function failureOf(
  grant: Pick<Grant, 'sessionId' | 'look'> | { readonly sessionId: string },
  assetId: string,
  error: ImageError,
  warnings: readonly ImageWarning[] = [],
): AssetResult {
  const backend = 'look' in grant ? { backend: grant.look.name, model: grant.look.model } : {};
  return { success: false, sessionId: grant.sessionId, assetId, error, warnings, ...backend };
}
