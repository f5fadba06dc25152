import { sumAmounts } from '@holodeck/core/backend';
import type { AssetRecord, SessionRecord } from '@holodeck/core/stores';
import { assetDataOf, sessionDataOf } from '../assets/asset-record.ts';
import { sceneReferenceId } from '../assets/asset-spec.ts';
import type { AssetSpec } from '../assets/asset-spec.ts';
import type { Manifest, ManifestAsset } from './manifest.ts';
import { manifestVersion } from './manifest.ts';

/** The manifest of a session from its records. Pure. */
export function projectManifest(
  session: SessionRecord,
  assets: readonly AssetRecord[],
  revision: number,
  updatedAtMs: number,
): Manifest {
  const data = sessionDataOf(session);
  const locked = session.state === 'locked';
  const projected = [...assets].sort(inOrder).map(projectAsset);
  return {
    version: manifestVersion,
    sessionId: session.sessionId,
    revision,
    updatedAt: isoTime(updatedAtMs),
    state: session.state,
    backend: locked ? (session.backend ?? null) : null,
    model: locked ? (session.model ?? null) : null,
    fingerprint: locked ? (session.fingerprint ?? null) : null,
    epoch: session.epoch,
    choiceEpoch: data.choiceEpoch ?? null,
    reason: session.reason ?? null,
    acquiredAt: session.acquiredAtMs === undefined ? null : isoTime(session.acquiredAtMs),
    sceneText: data.sceneText ?? null,
    style: data.style ?? null,
    cost: sumOf(projected),
    assets: projected,
  };
}

function projectAsset(record: AssetRecord): ManifestAsset {
  const data = assetDataOf(record);
  const { made, spec } = data;
  return {
    id: record.assetId,
    kind: kindOf(spec),
    ...(spec.kind === 'card' ? { objectId: spec.objectId, name: spec.name } : {}),
    state: record.state,
    ...(data.staleReason === undefined ? {} : { staleReason: data.staleReason }),
    epoch: record.epoch,
    path: made?.path ?? null,
    ...(made?.originalPath === undefined ? {} : { originalPath: made.originalPath }),
    sha256: made?.sha256 ?? null,
    ...(made?.originalSha256 === undefined ? {} : { originalSha256: made.originalSha256 }),
    ...(made === undefined ? {} : { byteLength: made.byteLength, mediaType: made.mediaType, source: made.source }),
    size: made === undefined ? null : { width: made.width, height: made.height },
    backend: made?.backend ?? null,
    model: made?.model ?? null,
    fingerprint: made?.fingerprint ?? null,
    jobId: made?.jobId ?? null,
    seed: made?.seed ?? null,
    prompt: made?.prompt ?? null,
    ...(made?.negativePrompt === undefined ? {} : { negativePrompt: made.negativePrompt }),
    ...(made?.style === undefined ? {} : { style: made.style }),
    revisedPrompt: made?.revisedPrompt ?? null,
    promptVersion: made?.promptVersion ?? null,
    referenceSha256: made?.referenceSha256 ?? null,
    attempts: made?.attempts ?? 0,
    timings: made?.timings ?? null,
    gate: made?.gate ?? null,
    ...(made?.gateKey === undefined ? {} : { gateKey: made.gateKey, gateRetries: data.gateRetries }),
    warnings: made?.warnings ?? [],
    ...(made?.usage === undefined ? {} : { usage: made.usage }),
    cost: made?.cost ?? { paidSubmissions: 0 },
    createdAt: made === undefined ? null : isoTime(made.createdAtMs),
    ...(data.error === undefined ? {} : { error: data.error }),
    spec,
    variation: data.variation,
    ...(made === undefined ? {} : { madeVariation: made.variation, choiceEpoch: made.choiceEpoch }),
    makeKey: made?.makeKey ?? null,
  };
}

function kindOf(spec: AssetSpec): ManifestAsset['kind'] {
  return spec.kind === 'imported-reference' ? 'scene-reference' : spec.kind;
}

function inOrder(a: AssetRecord, b: AssetRecord): number {
  return rank(a) - rank(b) || (a.assetId < b.assetId ? -1 : 1);
}

function rank(record: AssetRecord): number {
  if (record.state === 'superseded') return 3;
  if (record.assetId === sceneReferenceId) return 0;
  return record.assetId.startsWith('card/') ? 1 : 2;
}

function sumOf(assets: readonly ManifestAsset[]): Manifest['cost'] {
  return {
    paidSubmissions: assets.reduce((sum, { cost }) => sum + cost.paidSubmissions, 0),
    amounts: sumAmounts(assets.flatMap(({ cost }) => [cost, ...(cost.earlier ?? [])])),
  };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
