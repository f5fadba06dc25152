import type { AssetRecord, PublishSection } from '@holodeck/core/stores';
import type { AssetData, SessionData } from './asset-record.ts';
import { assetDataOf, assetRecord, sessionDataOf } from './asset-record.ts';
import type { AssetSpec } from './asset-spec.ts';
import { assetIdOf, sceneReferenceId } from './asset-spec.ts';
import { canonicalJson } from '@holodeck/core/backend';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { storedData } from '../lock/lock-records.ts';
import type { SessionChanges } from '../session/session-publisher.ts';
import { publishSession } from '../session/session-publisher.ts';

/** What the caller says of the session as a whole; undefined members are removed, absent ones stay. */
export interface SessionWish {
  readonly sceneText?: string | undefined;
  readonly style?: string | undefined;
}

/**
 * Stores what is wanted before anything is made, so that an image can be finished, or made again, without its caller. A
 * changed wish marks what was made for the old one as stale.
 */
export async function declareAssets(
  context: HybridContext,
  sessionId: string,
  specs: readonly AssetSpec[],
  wish?: SessionWish,
): Promise<void> {
  const stored = {
    session: await context.store.sessions.get(sessionId),
    assets: await context.store.sessions.assets(sessionId),
  };
  const before: PublishSection = { assets: stored.assets, session: stored.session ?? emptySession(sessionId) };
  if (changesOf(context, before, specs, wish) === undefined) return;
  await publishSession(context, sessionId, (section) => changesOf(context, section, specs, wish));
}

function emptySession(sessionId: string): PublishSection['session'] {
  return { sessionId, state: 'free', epoch: 0, data: {}, revision: 0 };
}

function changesOf(
  context: HybridContext,
  { session, assets }: PublishSection,
  specs: readonly AssetSpec[],
  wish: SessionWish | undefined,
): SessionChanges | undefined {
  const now = context.clock.now();
  const data = sessionDataOf(session);
  const nextData = wish === undefined ? data : wished(data, wish);
  const changed = new Map<string, AssetRecord>();
  for (const spec of specs) {
    const assetId = assetIdOf(spec);
    const existing = assets.find((asset) => asset.assetId === assetId);
    const next = existing === undefined ? newRecord(session, assetId, spec, now) : changedWish(existing, spec, now);
    if (next !== undefined) changed.set(assetId, next);
  }
  if (data.style !== nextData.style) {
    for (const asset of assets.filter((one) => one.state === 'current' && !changed.has(one.assetId))) {
      const { spec } = assetDataOf(asset);
      if (spec.kind === 'imported-reference' || spec.style !== undefined || asset.assetId === sceneReferenceId)
        continue;
      changed.set(asset.assetId, staleRecord(asset, 'the style has changed', now));
    }
  }
  const sessionChanges = canonicalJson(data) !== canonicalJson(nextData);
  if (changed.size === 0 && !sessionChanges) return undefined;
  const stale = [...changed.values()].filter((asset) => asset.state === 'stale');
  return {
    session: { ...session, data: storedData(nextData) },
    assets: [...changed.values()],
    events: stale.map((asset) => ({
      type: 'stale',
      data: { assetId: asset.assetId, reason: assetDataOf(asset).staleReason },
    })),
    // The manifest tells of images; a wish alone is no reason to make a folder.
    manifest: stale.length > 0,
  };
}

function wished(data: SessionData, wish: SessionWish): SessionData {
  const next: Record<string, unknown> = { ...data };
  for (const [name, value] of Object.entries(wish)) {
    if (value === undefined) delete next[name];
    else next[name] = value;
  }
  return next as SessionData;
}

function newRecord(
  { sessionId, epoch }: PublishSection['session'],
  assetId: string,
  spec: AssetSpec,
  now: number,
): AssetRecord {
  return assetRecord({ sessionId, assetId, epoch, state: 'pending' }, { spec, variation: 0, gateRetries: 0 }, now);
}

function changedWish(existing: AssetRecord, spec: AssetSpec, now: number): AssetRecord | undefined {
  const data = assetDataOf(existing);
  if (canonicalJson(data.spec) === canonicalJson(spec)) return undefined;
  const { made, error: _error, variationSeed: _seed, ...rest } = data;
  const next: AssetData = { ...rest, spec, variation: 0, gateRetries: 0 };
  if (made === undefined) return assetRecord({ ...existing, state: 'pending' }, next, now);
  const reason = 'its description has changed';
  return assetRecord({ ...existing, state: 'stale' }, { ...next, made, staleReason: reason }, now);
}

/** A record that has to be made again. */
export function staleRecord(
  asset: AssetRecord,
  staleReason: string,
  now: number,
  staleSinceEpoch?: number,
): AssetRecord {
  const { staleSinceEpoch: _since, ...data } = assetDataOf(asset);
  const next = { ...data, staleReason, ...(staleSinceEpoch === undefined ? {} : { staleSinceEpoch }) };
  return assetRecord({ ...asset, state: 'stale' }, next, now);
}
