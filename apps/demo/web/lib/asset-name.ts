import type { AssetView, SessionView } from '../../src/shared/session-view.ts';
import type { Messages } from '../i18n/en.ts';

/** The display name of an image. */
export function nameOfAsset(asset: Pick<AssetView, 'kind' | 'name' | 'id' | 'view'>, messages: Messages): string {
  if (asset.kind === 'scene-reference') return messages.session.reference;
  const name = asset.name === '' ? asset.id.replace(/^[^/]+\//, '') : asset.name;
  return asset.view === undefined ? name : `${name} · ${messages.asset.views[asset.view]}`;
}

/** The same by its id. */
export function nameOfId(assetId: string, view: SessionView | undefined, messages: Messages): string {
  const asset = view?.assets.find(({ id }) => id === assetId);
  const kind = assetId === 'scene-reference' ? 'scene-reference' : 'card';
  return nameOfAsset(asset ?? { id: assetId, kind, name: '' }, messages);
}
