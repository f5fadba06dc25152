import { sumAmounts } from '@holodeck/core/backend';
import type { SessionRecord } from '@holodeck/core/stores';
import { judgementOf } from '../assets/asset.ts';
import type { Asset } from '../assets/asset.ts';
import { cardAssetId, sceneReferenceId } from '../assets/asset-spec.ts';
import type { AssetSpec } from '../assets/asset-spec.ts';
import { cardViews } from '../assets/card-views.ts';
import { sessionDataOf } from '../session/session-data.ts';
import type { Manifest, ManifestAsset, ManifestViews } from './manifest.ts';
import { manifestVersion } from './manifest.ts';

/** The manifest of a session from its record and its assets. Pure. */
export function projectManifest(
  session: SessionRecord,
  assets: readonly Asset[],
  revision: number,
  updatedAtMs: number,
): Manifest {
  const data = sessionDataOf(session);
  const locked = session.state === 'locked';
  const projected = [...assets].sort(inOrder).map(projectAsset);
  const views = viewsOfObjects(projected);
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
    ...(data.reason === undefined ? {} : { sentences: [data.reason] }),
    acquiredAt: session.acquiredAtMs === undefined ? null : isoTime(session.acquiredAtMs),
    sceneText: data.sceneText ?? null,
    style: data.style ?? null,
    cost: sumOf(projected),
    ...(views.length === 0 ? {} : { views }),
    assets: projected,
  };
}

function viewsOfObjects(assets: readonly ManifestAsset[]): readonly ManifestViews[] {
  const cards = assets.filter(({ kind, state }) => kind === 'card' && state === 'current');
  const objectIds = new Set(cards.flatMap(({ view, objectId }) => (view === undefined ? [] : [objectId])));
  return Array.from(objectIds, (objectId = '') => {
    const own = cards.filter((card) => card.objectId === objectId);
    const pictures = cardViews.flatMap((view) => {
      const path = own.find((card) => (card.view ?? 'front') === view)?.path;
      return path === undefined ? [] : [[view, path]];
    });
    const hashes = own.map(({ sha256 }) => sha256);
    const fits = own.flatMap(({ fits = [] }) => fits).filter(({ of }) => of.every((hash) => hashes.includes(hash)));
    const mirrors = fits.flatMap(({ mirror }) => mirror ?? []);
    return {
      objectId,
      pictures: Object.fromEntries(pictures) as ManifestViews['pictures'],
      mirror: mirrors.length === 0 ? null : Math.min(...mirrors),
    };
  });
}

function projectAsset(asset: Asset): ManifestAsset {
  const { made, spec } = asset;
  const judgement = judgementOf(asset);
  return {
    id: asset.assetId,
    kind: kindOf(spec),
    ...(spec.kind === 'card'
      ? { objectId: spec.objectId, name: spec.name, ...(spec.view && { view: spec.view }) }
      : {}),
    state: asset.state,
    ...(asset.staleReason === undefined
      ? {}
      : { staleReason: asset.staleReason.message, sentences: [asset.staleReason] }),
    epoch: asset.epoch,
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
    ...(made?.look === undefined ? {} : { look: made.look }),
    referenceSha256: made?.referenceSha256 ?? null,
    ...(made?.wordsSha256 === undefined ? {} : { wordsSha256: made.wordsSha256 }),
    ...(made?.frontSha256 === undefined ? {} : { frontSha256: made.frontSha256 }),
    ...(made?.fits === undefined ? {} : { fits: made.fits }),
    ...(made?.labels === undefined ? {} : { labels: made.labels }),
    ...(asset.withoutReference === true ? { withoutReference: true } : {}),
    attempts: made?.attempts ?? 0,
    timings: made?.timings ?? null,
    gate: made?.gate ?? null,
    ...(made?.gateKey === undefined ? {} : { gateKey: made.gateKey, gateRetries: asset.gateRetries }),
    ...(judgement === undefined ? {} : { judgement }),
    warnings: made?.warnings ?? [],
    ...(made?.usage === undefined ? {} : { usage: made.usage }),
    cost: made?.cost ?? { paidSubmissions: 0 },
    createdAt: made === undefined ? null : isoTime(made.createdAtMs),
    ...(asset.error === undefined ? {} : { error: asset.error }),
    spec,
    variation: asset.variation,
    ...(made === undefined ? {} : { madeVariation: made.variation, choiceEpoch: made.choiceEpoch }),
    makeKey: made?.makeKey ?? null,
  };
}

function kindOf(spec: AssetSpec): ManifestAsset['kind'] {
  return spec.kind === 'imported-reference' ? 'scene-reference' : spec.kind;
}

function inOrder(a: Asset, b: Asset): number {
  return rank(a) - rank(b) || (sortKey(a) < sortKey(b) ? -1 : 1);
}

/** The views of an object follow its front, before an object whose id begins alike. */
function sortKey({ assetId, spec, state }: Asset): string {
  if (spec.kind !== 'card' || state === 'superseded') return assetId;
  return `${cardAssetId(spec.objectId)}\0${cardViews.indexOf(spec.view ?? 'front')}`;
}

function rank({ state, assetId }: Asset): number {
  if (state === 'superseded') return 3;
  if (assetId === sceneReferenceId) return 0;
  return assetId.startsWith('card/') ? 1 : 2;
}

function sumOf(assets: readonly ManifestAsset[]): Manifest['cost'] {
  return {
    paidSubmissions: assets.reduce((sum, { cost }) => sum + cost.paidSubmissions, 0),
    // What is free has no currency.
    amounts: sumAmounts(assets.flatMap(({ cost }) => [cost, ...(cost.earlier ?? [])])).filter(
      ({ amount }) => amount > 0,
    ),
  };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
