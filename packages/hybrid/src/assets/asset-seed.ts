import { createHash } from 'node:crypto';
import type { ImageWarning } from '@holodeck/core';
import type { ImageRequest } from '@holodeck/core/backend';
import type { BackendLook } from '../backends/backend-look.ts';
import { say } from '../request-messages.ts';
import type { Asset } from './asset.ts';
import type { MakeableSpec } from './asset-spec.ts';

/**
 * The seed of an asset: the caller's for its first version, else one derived from session, asset and variation, so that it
 * is known, recorded and the same in every process. A backend without seeds gets none; the caller's seed is then dropped with a
 * warning.
 */
export function seedFor(
  asset: Asset,
  backend: BackendLook,
  prompt: string,
): { readonly seed?: number; readonly warning?: ImageWarning } {
  const { sessionId, assetId, variation, variationSeed } = asset;
  const spec = asset.spec as MakeableSpec;
  const range = backend.capabilities.seed;
  if (range === undefined) {
    if (spec.seed === undefined) return {};
    const said = say('seed-not-sent', { backend: backend.name, seed: spec.seed });
    return { warning: { code: 'unsupported-option', feature: 'seed', ...said } };
  }
  const asked = variation === 0 ? spec.seed : variationSeed;
  if (asked !== undefined) return { seed: asked };
  const seed = derivedSeed(`${sessionId}\n${assetId}\n${spec.seed ?? ''}\n${variation}`, range);
  return isRefused(seed, spec, backend, prompt) ? {} : { seed };
}

function derivedSeed(text: string, range: { readonly min: number; readonly max: number }): number {
  const low = Math.max(range.min, 1);
  const high = Math.min(range.max, 2 ** 31 - 1);
  if (high <= low) return Math.max(range.min, Math.min(low, range.max));
  return low + (createHash('sha256').update(text).digest().readUInt32BE(0) % (high - low + 1));
}

/** Whether the backend's checks refuse a derived seed (for example while prompt rewriting is on). */
function isRefused(seed: number, spec: MakeableSpec, backend: BackendLook, prompt: string): boolean {
  const { validate } = backend.capabilities;
  if (validate === undefined) return false;
  const request: ImageRequest = {
    prompt,
    size: { width: 1024, height: 1024 },
    references: [],
    count: 1,
    providerOptions: spec.providerOptions?.[backend.name] ?? {},
  };
  return validate({ ...request, seed }).length > validate(request).length;
}
