import type { GenerationFailure, GenerationSuccess, ImageWarning } from '@holodeck/core';
import type { AssetRecord } from '@holodeck/core/stores';
import { assetDataOf, assetRecord, sessionDataOf } from './asset-record.ts';
import type { AssetData } from './asset-record.ts';
import type { AssetPlan } from './asset-plan.ts';
import { followsReference, planAsset } from './asset-plan.ts';
import type { AssetResult, AssetSuccess } from './asset-result.ts';
import { resultOfRecord } from './asset-result.ts';
import { sceneReferenceId } from './asset-spec.ts';
import { sessionError, toImageError } from '../internal/errors.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { unlessAborted } from '../internal/unless-aborted.ts';
import { folderOf, scopeOf } from '../internal/hybrid-context.ts';
import { sha256OfFile } from '../output/session-folder.ts';
import { AssetReporter } from './asset-progress.ts';
import type { CallState } from './call-state.ts';
import { gateCard, keepFailedCard } from './card-gate.ts';
import { publishImage } from './publish-image.ts';
import type { Published } from './publish-image.ts';
import type { Grant } from '../lock/session-lock.ts';
import { publishSession } from '../session/session-publisher.ts';

/** The end of one try under one grant. `moved`: the session has another backend by now; enter again. */
export type Produced = AssetResult | 'backend-changed';

/**
 * Brings one asset to `current` under a grant: what is there already is used; a paid image that is not published yet is
 * fetched; only else something is sent. Never throws.
 */
async function produceAsset(context: HybridContext, grant: Grant, assetId: string, call: CallState): Promise<Produced> {
  try {
    return await producePassing(context, grant, assetId, call);
  } catch (error) {
    return failureOf(grant, assetId, toImageError(error));
  }
}

/** Makes the asset, and a card that does not pass the gate again as often as the settings allow. */
async function producePassing(
  context: HybridContext,
  grant: Grant,
  assetId: string,
  call: CallState,
): Promise<Produced> {
  const result = await produce(context, grant, assetId, call);
  const { cardProcessor } = context;
  if (cardProcessor === undefined || result === 'backend-changed' || !result.success) return result;
  const { record } = await lookUp(context, grant.sessionId, assetId);
  const { spec, made } = assetDataOf(record);
  if (spec.kind !== 'card' || made === undefined || record.state !== 'current') return result;
  let end: Awaited<ReturnType<typeof gateCard>>;
  try {
    end = await gateCard(context, cardProcessor, record);
  } catch (error) {
    // The picture is paid for and stored: it is delivered, unmeasured, and measured by the next run.
    const message = `The card could not be measured: ${toImageError(error).message}`;
    return { ...result, warnings: [...result.warnings, { code: 'other', feature: 'gate', message }] };
  }
  if (end === 'measured') return measuredResult(context, record, result);
  const another = await producePassing(context, grant, assetId, call);
  if (another === 'backend-changed' || another.success) return another;
  const kept = await keepFailedCard(context, record);
  const message = `It did not pass the gate, and another picture could not be had: ${another.error.message}`;
  return measuredResult(context, kept, { ...result, warnings: [...result.warnings, { code: 'other', message }] });
}

/** The result with what the gate has found and changed. */
async function measuredResult(
  context: HybridContext,
  record: AssetRecord,
  result: AssetSuccess,
): Promise<AssetSuccess> {
  const now = await lookUp(context, record.sessionId, record.assetId);
  const data = assetDataOf(now.record);
  const { made } = data;
  if (made === undefined) return result;
  const { source, attempts, warnings } = result;
  const further = made.warnings.filter((one) => !warnings.some(({ message }) => message === one.message));
  const folder = folderOf(context, record.sessionId);
  return resultOfRecord(now.record, { ...data, made }, (path) => folder.absolute(path), {
    source,
    attempts,
    warnings: [...warnings, ...further],
  });
}

async function produce(context: HybridContext, grant: Grant, assetId: string, call: CallState): Promise<Produced> {
  const { sessionId } = grant;
  const found = await lookUp(context, sessionId, assetId);
  const data = assetDataOf(found.record);
  if (data.spec.kind === 'imported-reference') return importedResult(context, found.record, data);
  if (followsReference(data.spec)) {
    const problem = await bringReference(context, grant, assetId, found.reference, call);
    if (problem !== undefined) return problem;
  }
  const { record, session, reference } = await lookUp(context, sessionId, assetId);
  const plan = planAsset({
    record,
    session: sessionDataOf(session),
    choiceEpoch: grant.choiceEpoch,
    reference: currentReference(context, reference),
    backend: grant.loaded.backend,
    prompts: context.prompts,
  });
  const present = await presentResult(context, grant, record, plan);
  if (present !== undefined) return present;
  const warnings: ImageWarning[] = [];
  const { staleReason } = assetDataOf(record);
  if (record.state === 'stale' && staleReason !== undefined)
    warnings.push({ code: 'other', message: `Made again because ${staleReason}.` });
  const result = await generate(context, grant, assetId, plan, call);
  if (!result.success) return failureOf(grant, assetId, result.error, result.warnings);
  const published = await publishImage(context, { sessionId, assetId, plan: plan.stored, result });
  if (published.state === 'superseded') return 'backend-changed';
  return publishedResult(context, published, result, warnings);
}

interface LookUp {
  readonly record: AssetRecord;
  readonly reference: AssetRecord | undefined;
  readonly session: NonNullable<Awaited<ReturnType<HybridContext['store']['sessions']['get']>>>;
}

async function lookUp({ store }: HybridContext, sessionId: string, assetId: string): Promise<LookUp> {
  const [session, assets] = [await store.sessions.get(sessionId), await store.sessions.assets(sessionId)];
  const record = assets.find((asset) => asset.assetId === assetId);
  if (session === undefined || record === undefined) {
    throw sessionError('not-found', `The session ${sessionId} has no asset ${assetId}. Generate it first.`);
  }
  return { session, record, reference: assets.find((asset) => asset.assetId === sceneReferenceId) };
}

/** After a restart or a changed wish the reference comes first: cards follow it. */
async function bringReference(
  context: HybridContext,
  grant: Grant,
  assetId: string,
  reference: AssetRecord | undefined,
  call: CallState,
): Promise<Produced | undefined> {
  if (reference === undefined || reference.state !== 'stale') return undefined;
  const data = assetDataOf(reference);
  if (data.made === undefined || data.spec.kind === 'imported-reference') return undefined;
  const result = await produceShared(context, grant, sceneReferenceId, call);
  if (result === 'backend-changed') return result;
  return result.success ? undefined : failureOf(grant, assetId, result.error, result.warnings);
}

const running = new WeakMap<HybridContext, Map<string, Promise<Produced>>>();

/** The same, with those who want the same asset of the same client waiting for each other. */
export async function produceShared(
  context: HybridContext,
  grant: Grant,
  assetId: string,
  call: CallState,
): Promise<Produced> {
  const own = running.get(context) ?? new Map<string, Promise<Produced>>();
  running.set(context, own);
  const key = `${grant.sessionId}\n${assetId}`;
  for (let other = own.get(key); other !== undefined; other = own.get(key)) await unlessAborted(other, call.signal);
  const promise = produceAsset(context, grant, assetId, call).finally(() => own.delete(key));
  own.set(key, promise);
  return promise;
}

function currentReference(
  context: HybridContext,
  reference: AssetRecord | undefined,
): { sha256: string; path: string } | undefined {
  const made = reference?.state === 'current' ? assetDataOf(reference).made : undefined;
  if (reference === undefined || made === undefined) return undefined;
  return { sha256: made.sha256, path: folderOf(context, reference.sessionId).absolute(made.path) };
}

/** The asset as it is, if it is what would be made and its files are whole. */
async function presentResult(
  context: HybridContext,
  grant: Grant,
  record: AssetRecord,
  plan: AssetPlan,
): Promise<AssetResult | undefined> {
  const data = assetDataOf(record);
  const { made } = data;
  if (made === undefined || made.makeKey !== plan.stored.makeKey || made.choiceEpoch !== grant.choiceEpoch)
    return undefined;
  const folder = folderOf(context, record.sessionId);
  if ((await sha256OfFile(folder.absolute(made.path))) !== made.sha256) return undefined;
  if (
    made.originalPath !== undefined &&
    (await sha256OfFile(folder.absolute(made.originalPath))) !== made.originalSha256
  )
    return undefined;
  const current = record.state === 'current' ? record : await makeCurrent(context, record);
  const absolute = (path: string): string => folder.absolute(path);
  return resultOfRecord(current, { ...data, made }, absolute, { source: 'resumed', attempts: 0 });
}

/** The wish is again what the files were made for. */
async function makeCurrent(context: HybridContext, record: AssetRecord): Promise<AssetRecord> {
  const { error: _error, staleReason: _reason, staleSinceEpoch: _since, ...data } = assetDataOf(record);
  const next = assetRecord({ ...record, state: 'current' }, data, context.clock.now());
  await publishSession(context, record.sessionId, ({ assets, session }) => {
    const stored = assets.find((asset) => asset.assetId === record.assetId);
    if (stored === undefined || stored.updatedAtMs !== record.updatedAtMs) return undefined;
    return { assets: [{ ...next, epoch: session.epoch }] };
  });
  return next;
}

async function generate(
  context: HybridContext,
  grant: Grant,
  assetId: string,
  plan: AssetPlan,
  call: CallState,
): Promise<GenerationSuccess | GenerationFailure> {
  const { sessionId, choiceEpoch } = grant;
  const { stored } = plan;
  const reporter = new AssetReporter(context, sessionId, assetId, call.onProgress);
  const variation = stored.variation === 0 ? '' : `#${stored.variation}`;
  const taskId = `${assetId}@${choiceEpoch}${variation}`;
  const result = await grant.loaded.client.generate(
    {
      ...plan.request,
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

function publishedResult(
  context: HybridContext,
  { record, state, madeStale }: Published,
  result: GenerationSuccess,
  warnings: readonly ImageWarning[],
): AssetResult {
  const data = assetDataOf(record) as AssetData & { made: NonNullable<AssetData['made']> };
  const folder = folderOf(context, record.sessionId);
  const further: ImageWarning[] = [...data.made.warnings, ...warnings];
  if (madeStale.length > 0) {
    further.push({
      code: 'other',
      message: `The scene reference has changed, so these are stale: ${madeStale.join(', ')}. Generate them again to bring them in line.`,
    });
  }
  if (state === 'outdated') {
    further.push({
      code: 'other',
      message:
        'Another call has changed what this asset should be while it was being made; the image is kept apart and is not the current one.',
    });
  }
  if (record.state === 'stale')
    further.push({
      code: 'other',
      message: `It is stale already: ${data.staleReason ?? 'it has to be made again'}. Generate it again.`,
    });
  return resultOfRecord(record, data, (path) => folder.absolute(path), {
    source: result.source,
    attempts: result.attempts,
    warnings: further,
  });
}

async function importedResult(context: HybridContext, record: AssetRecord, data: AssetData): Promise<AssetResult> {
  const { made } = data;
  const folder = folderOf(context, record.sessionId);
  if (made === undefined || (await sha256OfFile(folder.absolute(made.path))) !== made.sha256) {
    throw sessionError(
      'not-found',
      `The scene reference of session ${record.sessionId} was brought in from outside, and its file is gone or has changed. Set it again.`,
    );
  }
  return resultOfRecord(record, { ...data, made }, (path) => folder.absolute(path), {
    source: 'imported',
    attempts: 0,
  });
}

/** A failure under a grant. */
export function failureOf(
  grant: Pick<Grant, 'sessionId' | 'loaded'> | { readonly sessionId: string },
  assetId: string,
  error: ReturnType<typeof toImageError>,
  warnings: readonly ImageWarning[] = [],
): AssetResult {
  const backend = 'loaded' in grant ? { backend: grant.loaded.backend.name, model: grant.loaded.backend.model } : {};
  return { success: false, sessionId: grant.sessionId, assetId, error, warnings, ...backend };
}
