import { isAbsolute, join } from 'node:path';
import { costOfTask } from '@holodeck/core/backend';
import { openStates } from '@holodeck/core/stores';
import type { GenerationResult, GenerationSuccess } from '@holodeck/core';
import type { SessionRecord, TaskRow } from '@holodeck/core/stores';
import { assetsOf, failedAsset } from '../assets/asset.ts';
import type { Asset } from '../assets/asset.ts';
import type { StoredPlan } from '../assets/asset-plan.ts';
import { requestedHashOf } from '../assets/asset-plan.ts';
import type { AssetResult } from '../assets/asset-result.ts';
import { resultOf } from '../assets/asset-result.ts';
import type { LoadedBackend } from '../backends/backend-member.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { scopeOf } from '../internal/hybrid-context.ts';
import { publishImage } from '../assets/publish-image.ts';
import { sessionDataOf } from './session-data.ts';
import { publishSession } from './session-publisher.ts';

/** Metadata in the driver's rows of a session, so that any process can publish their images. */
interface RowMetadata {
  readonly sessionId: string;
  readonly assetId: string;
  readonly plan: StoredPlan;
}

/** Finishes jobs that an earlier process paid for, and publishes their images. Submits nothing. */
export async function* resumeRows(
  context: HybridContext,
  sessionId: string,
  { client }: LoadedBackend,
  signal?: AbortSignal,
): AsyncGenerator<AssetResult, void, undefined> {
  const results = client.resume({ scope: scopeOf(sessionId), ...(signal === undefined ? {} : { signal }) });
  for await (const result of results) {
    const metadata = metadataOf(result.metadata);
    if (metadata === undefined) continue;
    yield await publishResult(context, metadata, result);
  }
}

/** Publishes images whose process ended after their download and before they were published. */
export async function* publishFinishedRows(
  context: HybridContext,
  sessionId: string,
): AsyncGenerator<AssetResult, void, undefined> {
  const { sessions, tasks } = context.store;
  for await (const row of tasks.list({ scope: scopeOf(sessionId), states: ['done'], latestOnly: true })) {
    const metadata = metadataOf(row.metadata);
    if (metadata === undefined) continue;
    const [session, assets] = [await sessions.get(metadata.sessionId), await assetsOf(context, metadata.sessionId)];
    const asset = assets.find(({ assetId }) => assetId === metadata.assetId);
    if (session === undefined || !isWanted(session, asset, metadata.plan)) continue;
    const result = await successOf(context, row);
    if (result !== undefined) yield await publishResult(context, metadata, result);
  }
}

/**
 * Names of the backends with open jobs of a session (true), or only with submissions of unknown outcome (false), which a backend
 * may be asked about.
 */
export async function backendsWithOpenRows(
  { store }: HybridContext,
  sessionId: string,
): Promise<ReadonlyMap<string, boolean>> {
  const names = new Map<string, boolean>();
  const states = [...openStates, 'unknown' as const];
  for await (const { backend, state } of store.tasks.list({ scope: scopeOf(sessionId), states })) {
    names.set(backend, names.get(backend) === true || state !== 'unknown');
  }
  return names;
}

function metadataOf(metadata: Readonly<Record<string, unknown>> | undefined): RowMetadata | undefined {
  const { sessionId, assetId, plan } = (metadata ?? {}) as Partial<RowMetadata>;
  return sessionId === undefined || assetId === undefined || plan === undefined
    ? undefined
    : { sessionId, assetId, plan };
}

/** Whether an image is what the session wants now, from its current backend, and is still missing. */
function isWanted(
  session: SessionRecord,
  asset: Asset | undefined,
  { choiceEpoch, wishKey }: StoredPlan,
): asset is Asset {
  return (
    sessionDataOf(session).choiceEpoch === choiceEpoch &&
    asset !== undefined &&
    asset.state !== 'current' &&
    requestedHashOf(asset) === wishKey
  );
}

async function successOf(
  { store, outputDir, costGate }: HybridContext,
  row: TaskRow,
): Promise<GenerationSuccess | undefined> {
  const images = (row.images ?? []).map(({ temporaryPath: _temporary, path, ...image }) => ({
    ...image,
    path: isAbsolute(path) ? path : join(outputDir, ...path.split('/')),
  }));
  const [first, ...others] = images;
  if (first === undefined) return undefined;
  const paidAttempts = await store.tasks.countPaid(row.scope, row.taskId, row.requestHash);
  return {
    success: true,
    images: [first, ...others],
    source: 'resumed',
    taskId: row.taskId,
    scope: row.scope,
    backend: row.backend,
    model: row.model,
    ...(row.handle === undefined ? {} : { jobId: row.handle.jobId }),
    timings: { queuedMs: 0, totalMs: 0 },
    attempts: 0,
    paidAttempts,
    warnings: row.warnings ?? [],
    ...(row.usage === undefined ? {} : { usage: row.usage }),
    cost: costOfTask(
      costGate.priceOf({ name: row.backend, model: row.model }, row.handle?.priceShare),
      row.request,
      paidAttempts,
      row.usage,
    ),
  };
}

async function publishResult(
  context: HybridContext,
  metadata: RowMetadata,
  result: GenerationResult,
): Promise<AssetResult> {
  const { sessionId, assetId, plan } = metadata;
  if (result.success) {
    const { asset } = await publishImage(context, { sessionId, assetId, plan, result });
    return resultOf(context, asset, { source: 'resumed', attempts: 0 });
  }
  const { error } = result;
  await publishSession(context, sessionId, ({ session, assets }) => {
    const asset = assets.find((one) => one.assetId === assetId);
    // This failure says nothing about what the session wants now.
    if (!isWanted(session, asset, plan)) return undefined;
    const events = [{ type: 'failure', data: { assetId, error: error.toJSON() } }];
    return { assets: [failedAsset(asset, error.toJSON(), context.clock.now())], events };
  });
  return {
    success: false,
    sessionId,
    assetId,
    error,
    warnings: result.warnings,
    backend: result.backend,
    model: result.model,
  };
}
