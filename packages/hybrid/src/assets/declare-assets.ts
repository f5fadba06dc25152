import type { SessionRecord } from '@holodeck/core/stores';
import { assetsOf, staleAsset } from './asset.ts';
import type { Asset } from './asset.ts';
import { say } from './asset-messages.ts';
import type { AssetSpec } from './asset-spec.ts';
import { assetIdOf, sceneReferenceId } from './asset-spec.ts';
import { canonicalJson } from '@holodeck/core/backend';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { emptyRecord } from '../lock/lock-records.ts';
import { sessionDataOf, storedData } from '../session/session-data.ts';
import { reasonOf } from '../session/session-events.ts';
import type { SessionData } from '../session/session-data.ts';
import type { SessionChanges, SessionSection } from '../session/session-publisher.ts';
import { publishSession } from '../session/session-publisher.ts';

/** What the caller wants of the whole session; undefined members are removed, absent ones stay. */
export interface SessionWish {
  readonly sceneText?: string | undefined;
  readonly style?: string | undefined;
}

/**
 * Stores what is wanted before anything is made, so that an image can be finished or made again without its caller. Marks images
 * as stale if the caller now wants something else.
 */
export async function declareAssets(
  context: HybridContext,
  sessionId: string,
  specs: readonly AssetSpec[],
  wish?: SessionWish,
  withoutReference = false,
): Promise<void> {
  const session = (await context.store.sessions.get(sessionId)) ?? emptyRecord(sessionId);
  const before = { session, assets: await assetsOf(context, sessionId) };
  const change = (section: Pick<SessionSection, 'session' | 'assets'>): SessionChanges | undefined =>
    changesOf(context, section, specs, wish, withoutReference);
  if (change(before) === undefined) return;
  await publishSession(context, sessionId, change);
}

function changesOf(
  context: HybridContext,
  { session, assets }: Pick<SessionSection, 'session' | 'assets'>,
  specs: readonly AssetSpec[],
  wish: SessionWish | undefined,
  withoutReference: boolean,
): SessionChanges | undefined {
  const now = context.clock.now();
  const data = sessionDataOf(session);
  const nextData = wish === undefined ? data : wished(data, wish);
  const changed = new Map<string, Asset>();
  for (const spec of specs) {
    const assetId = assetIdOf(spec);
    const existing = assets.find((asset) => asset.assetId === assetId);
    const next = existing === undefined ? newAsset(session, assetId, spec, now) : changedWish(existing, spec, now);
    if (withoutReference && (next ?? existing)?.withoutReference !== true) {
      const allowed = next ?? existing ?? newAsset(session, assetId, spec, now);
      changed.set(assetId, { ...allowed, withoutReference, updatedAtMs: now });
    } else if (next !== undefined) changed.set(assetId, next);
  }
  if (data.style !== nextData.style) {
    for (const asset of assets.filter((one) => one.state === 'current' && !changed.has(one.assetId))) {
      const { spec } = asset;
      if (spec.kind === 'imported-reference' || spec.style !== undefined || asset.assetId === sceneReferenceId)
        continue;
      changed.set(asset.assetId, staleAsset(asset, say('stale-style'), now));
    }
  }
  const sessionChanges = canonicalJson(data) !== canonicalJson(nextData);
  if (changed.size === 0 && !sessionChanges) return undefined;
  const stale = [...changed.values()].filter((asset) => asset.state === 'stale');
  return {
    session: { ...session, data: storedData(nextData) },
    assets: [...changed.values()],
    events: stale.map(({ assetId, staleReason }) => ({
      type: 'stale',
      data: { assetId, ...(staleReason && reasonOf(staleReason)) },
    })),
    // The manifest describes images: nothing is written for a wish alone.
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

function newAsset({ sessionId, epoch }: SessionRecord, assetId: string, spec: AssetSpec, now: number): Asset {
  return { sessionId, assetId, epoch, state: 'pending', spec, variation: 0, gateRetries: 0, updatedAtMs: now };
}

function changedWish(existing: Asset, spec: AssetSpec, now: number): Asset | undefined {
  if (canonicalJson(existing.spec) === canonicalJson(spec)) return undefined;
  const { error: _error, variationSeed: _seed, ...rest } = existing;
  const next = { ...rest, spec, variation: 0, gateRetries: 0, updatedAtMs: now };
  if (existing.made === undefined) return { ...next, state: 'pending' };
  return { ...next, state: 'stale', staleReason: say('stale-description') };
}
