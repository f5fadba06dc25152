import { findSentence } from '@holodeck/core/messages';
import type { SessionRecord } from '@holodeck/core/stores';
import { say as sayOfAsset } from '../assets/asset-messages.ts';
import type { Asset, MadePicture } from '../assets/asset.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import type { Manifest, ManifestAsset } from '../manifest/manifest.ts';
import { say } from '../lock/lock-messages.ts';
import { storedData } from './session-data.ts';
import { publishSession } from './session-publisher.ts';

/** Restores a session from its manifest. Images whose files do not match their hashes become stale. */
export async function adoptManifest(context: HybridContext, sessionId: string, manifest: Manifest): Promise<void> {
  const now = context.clock.now();
  const adopted = await Promise.all(manifest.assets.map((asset) => adoptedAsset(context, sessionId, asset, now)));
  const assets = adopted.map(({ asset }) => asset);
  const mismatched = adopted.filter(({ matches }) => !matches).map(({ asset }) => asset.assetId);
  context.logger?.info({ sessionId, assets: assets.length, mismatched }, 'A session was adopted from its manifest.');
  await publishSession(context, sessionId, ({ session }) => {
    if (session.revision !== 0) return undefined;
    return {
      session: { ...sessionOf(manifest), sessionId },
      assets,
      events: [{ type: 'adopted', data: { revision: manifest.revision, mismatched } }],
    };
  });
}

function sessionOf(manifest: Manifest): Omit<SessionRecord, 'revision'> {
  const { sessionId, epoch, backend, model, fingerprint, sentences } = manifest;
  const words = {
    ...(manifest.sceneText === null ? {} : { sceneText: manifest.sceneText }),
    ...(manifest.style === null ? {} : { style: manifest.style }),
    manifestRevision: manifest.revision,
  };
  if (manifest.state !== 'locked' || backend === null || model === null || fingerprint === null) {
    return { sessionId, state: 'free', epoch, data: storedData(words) };
  }
  const reason = manifest.reason === null ? say('adopted') : findSentence(manifest.reason, sentences);
  return {
    sessionId,
    state: 'locked',
    epoch,
    backend,
    model,
    fingerprint,
    reason: reason.message,
    ...(manifest.acquiredAt === null ? {} : { acquiredAtMs: Date.parse(manifest.acquiredAt) }),
    data: storedData({ ...words, reason, choiceEpoch: manifest.choiceEpoch ?? epoch }),
  };
}

async function adoptedAsset(
  context: HybridContext,
  sessionId: string,
  asset: ManifestAsset,
  now: number,
): Promise<{ readonly asset: Asset; readonly matches: boolean }> {
  const made = madeOf(asset);
  const matches = made === undefined || (await folderOf(context, sessionId).holds(made));
  const stated = asset.staleReason === undefined ? undefined : findSentence(asset.staleReason, asset.sentences);
  const staleReason = matches ? stated : sayOfAsset('stale-file');
  return {
    matches,
    asset: {
      sessionId,
      assetId: asset.id,
      epoch: asset.epoch,
      state: !matches && asset.state === 'current' ? 'stale' : asset.state,
      spec: asset.spec,
      variation: asset.variation,
      gateRetries: asset.gateRetries ?? 0,
      ...(asset.withoutReference === true ? { withoutReference: true } : {}),
      ...(made === undefined ? {} : { made }),
      ...(asset.judgement === undefined ? {} : { judgements: [asset.judgement] }),
      ...(staleReason === undefined ? {} : { staleReason }),
      ...(asset.error === undefined ? {} : { error: asset.error }),
      updatedAtMs: now,
    },
  };
}

function madeOf(asset: ManifestAsset): MadePicture | undefined {
  const { path, sha256, size, makeKey } = asset;
  if (path === null || sha256 === null || size === null || makeKey === null) return undefined;
  return {
    path,
    ...(asset.originalPath === undefined ? {} : { originalPath: asset.originalPath }),
    sha256,
    ...(asset.originalSha256 === undefined ? {} : { originalSha256: asset.originalSha256 }),
    byteLength: asset.byteLength ?? 0,
    width: size.width,
    height: size.height,
    mediaType: asset.mediaType ?? 'image/png',
    backend: asset.backend,
    model: asset.model,
    fingerprint: asset.fingerprint,
    ...(asset.jobId === null ? {} : { jobId: asset.jobId }),
    ...(asset.seed === null ? {} : { seed: asset.seed }),
    ...(asset.prompt === null ? {} : { prompt: asset.prompt }),
    ...(asset.negativePrompt === undefined ? {} : { negativePrompt: asset.negativePrompt }),
    ...(asset.style === undefined ? {} : { style: asset.style }),
    ...(asset.revisedPrompt === null ? {} : { revisedPrompt: asset.revisedPrompt }),
    ...(asset.promptVersion === null ? {} : { promptVersion: asset.promptVersion }),
    ...(asset.look === undefined ? {} : { look: asset.look }),
    referenceSha256: asset.referenceSha256,
    ...(asset.wordsSha256 === undefined ? {} : { wordsSha256: asset.wordsSha256 }),
    ...(asset.frontSha256 === undefined ? {} : { frontSha256: asset.frontSha256 }),
    ...(asset.fits === undefined ? {} : { fits: asset.fits }),
    ...(asset.labels === undefined ? {} : { labels: asset.labels }),
    source: asset.source ?? 'resumed',
    attempts: asset.attempts,
    ...(asset.timings === null ? {} : { timings: asset.timings }),
    gate: asset.gate,
    ...(asset.gateKey === undefined ? {} : { gateKey: asset.gateKey }),
    warnings: asset.warnings,
    ...(asset.usage === undefined ? {} : { usage: asset.usage }),
    cost: asset.cost,
    createdAtMs: asset.createdAt === null ? 0 : Date.parse(asset.createdAt),
    makeKey,
    choiceEpoch: asset.choiceEpoch ?? asset.epoch,
    variation: asset.madeVariation ?? asset.variation,
  };
}
