import { assetsOf } from '../assets/asset.ts';
import { say as sayOfAsset } from '../assets/asset-messages.ts';
import type { Asset } from '../assets/asset.ts';
import type { AssetResult, AssetSuccess, ObjectCardResult } from '../assets/asset-result.ts';
import { cardAssetId, imageAssetId, sceneReferenceId } from '../assets/asset-spec.ts';
import { assertObjectId } from '../identifiers.ts';
import { invalidRequest, sessionError } from '../internal/errors.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import { projectManifest } from '../manifest/project-manifest.ts';
import type { ManifestAsset } from '../manifest/manifest.ts';
import { assertDistinctAssets, imageSpecOf } from '../request-checks.ts';
import type { ImageAssetRequest } from '../requests.ts';
import type { AssetMaker } from '../assets/asset-maker.ts';
import { callListener } from '../assets/asset-progress.ts';
import { createCallState } from '../assets/call-state.ts';
import type { CallState, HybridCallOptions } from '../assets/call-state.ts';
import type { CardView } from '../assets/card-views.ts';
import { withFits } from '../assets/make-cards.ts';
import { declareAssets } from '../assets/declare-assets.ts';
import { openSession } from './open-session.ts';
import type { ReleaseOptions, RelockOptions } from './release-session.ts';
import { releaseSession } from './release-session.ts';
import type { SessionEvent, SessionEventOptions } from './session-events.ts';
import { followEvents, reasonOf } from './session-events.ts';
import { say } from './session-messages.ts';
import type { SessionLockInfo } from '../lock/session-lock-info.ts';
import { lockInfoOf } from '../lock/session-lock-info.ts';
import { emptyRecord } from '../lock/lock-records.ts';
import { publishSession } from './session-publisher.ts';
import { setSceneReference } from '../assets/set-scene-reference.ts';
import { bringUpToDate } from './write-report.ts';

/** How an image is made again. */
export interface RegenerateOptions extends HybridCallOptions {
  /** Default: a new one, derived and recorded. */
  readonly seed?: number;
}

/** How a card is made again. */
export interface RegenerateCardOptions extends RegenerateOptions {
  /** Default: the front. */
  readonly view?: CardView;
}

/** What a session needs of its client. */
export interface SessionParts {
  readonly context: HybridContext;
  readonly maker: AssetMaker;
}

/** One session: its lock, its images, its story. Made by `client.session(id)`; costs nothing until it is used. */
export class Session {
  readonly id: string;
  readonly #parts: () => Promise<SessionParts>;

  /** @internal Use `client.session(id)`. */
  constructor(id: string, parts: () => Promise<SessionParts>) {
    this.id = id;
    this.#parts = parts;
  }

  /** The session's lock as it stands. */
  get lock(): Promise<SessionLockInfo> {
    return this.#readLock();
  }

  /** All assets as in the manifest: the scene reference first, superseded ones last. */
  get assets(): Promise<readonly ManifestAsset[]> {
    return this.#readAssets();
  }

  /** Absolute path of the session's folder. It may not exist yet. */
  get folder(): Promise<string> {
    return this.#parts().then(({ context }) => folderOf(context, this.id).root);
  }

  async #readLock(): Promise<SessionLockInfo> {
    const { context } = await this.#open();
    return lockInfoOf((await context.store.sessions.get(this.id)) ?? emptyRecord(this.id));
  }

  async #readAssets(): Promise<readonly ManifestAsset[]> {
    const { context } = await this.#open();
    const [record, assets] = [await context.store.sessions.get(this.id), await assetsOf(context, this.id)];
    return projectManifest(record ?? emptyRecord(this.id), assets, 0, 0).assets;
  }

  /** The session's events so far, then new ones until the signal is aborted. Works in any process, also after a restart. */
  async *events(options: SessionEventOptions = {}): AsyncGenerator<SessionEvent, void, undefined> {
    const { context } = await this.#open();
    yield* followEvents(context, this.id, options);
  }

  /**
   * Makes an object's card again, with another seed: the front, whose views become stale, or one of the views. After a crash, the same call continues with the same seed.
   *
   * @throws ImageError of kind `session` and code `not-found` when the session has no such card.
   */
  async regenerate(objectId: string, options: RegenerateCardOptions = {}): Promise<ObjectCardResult> {
    assertObjectId(objectId);
    const { view = 'front' } = options;
    const assetId = cardAssetId(objectId, view === 'front' ? undefined : view);
    const { context, asset, result } = await this.#regenerate(assetId, options);
    const [compared = result] = await withFits(context, objectId, [result]);
    const name = asset.spec.kind === 'card' ? asset.spec.name : objectId;
    return { ...compared, objectId, name, view };
  }

  /** Makes the scene reference again, with another seed; what follows it becomes stale. */
  async regenerateSceneReference(options: RegenerateOptions = {}): Promise<AssetResult> {
    return (await this.#regenerate(sceneReferenceId, options)).result;
  }

  /** Makes an image of `generateImage` again, with another seed. */
  async regenerateImage(id: string, options: RegenerateOptions = {}): Promise<AssetResult> {
    assertObjectId(id);
    return (await this.#regenerate(imageAssetId(id), options)).result;
  }

  /**
   * Makes the caller's picture the scene reference: a path, or the encoded bytes.
   *
   * @throws ImageError of kind `invalid-request` when it is not a whole picture.
   */
  async setSceneReference(picture: string | Uint8Array): Promise<AssetSuccess> {
    const { context } = await this.#open();
    const result = await setSceneReference(context, this.id, picture);
    await bringUpToDate(context, this.id);
    return result;
  }

  /** Makes any other image under the session's lock, such as a texture or a background. Only bad arguments reject. */
  async generateImage(request: ImageAssetRequest, options: HybridCallOptions = {}): Promise<AssetResult> {
    const spec = imageSpecOf(request);
    const { context, maker } = await this.#open();
    const existing = await assetsOf(context, this.id);
    assertDistinctAssets(
      [spec],
      existing.map((asset) => asset.spec),
    );
    await declareAssets(context, this.id, [spec]);
    return finish({ context, maker }, this.id, imageAssetId(spec.imageId), createCallState(options));
  }

  /**
   * Releases the lock: starts a new epoch, in which the next image chooses a backend.
   *
   * @throws ImageError of kind `session` and code `assets-exist` when images would be discarded without `discardAssets`.
   */
  async release(options: ReleaseOptions = {}): Promise<void> {
    const { context } = await this.#open();
    await releaseSession(context, this.id, options);
  }

  /**
   * Like `release`, but the next image uses the named backend. The session is locked to it once that image is stored.
   *
   * @throws ImageError as `release`; of kind `invalid-request` when the backend is not configured.
   */
  async relock(options: RelockOptions = {}): Promise<void> {
    const { context } = await this.#open();
    await releaseSession(context, this.id, options);
  }

  async #open(): Promise<SessionParts> {
    const parts = await this.#parts();
    await openSession(parts.context, this.id);
    return parts;
  }

  async #regenerate(
    assetId: string,
    options: RegenerateOptions,
  ): Promise<{ readonly context: HybridContext; readonly asset: Asset; readonly result: AssetResult }> {
    const { context, maker } = await this.#open();
    const { seed } = options;
    if (seed !== undefined && !(Number.isSafeInteger(seed) && seed >= 0)) {
      throw invalidRequest(say('seed-whole', { seed: String(seed) }));
    }
    let asset: Asset | undefined;
    await publishSession(context, this.id, ({ assets }) => {
      const stored = assets.find((one) => one.assetId === assetId);
      if (stored === undefined || stored.spec.kind === 'imported-reference') {
        throw sessionError('not-found', say('nothing-to-remake', { sessionId: this.id, assetId }));
      }
      asset = nextVariation(stored, seed, context.clock.now());
      const event = { type: 'stale', data: { assetId, ...reasonOf(sayOfAsset('stale-asked')) } };
      return asset === stored ? undefined : { assets: [asset], events: [event] };
    });
    if (asset === undefined) throw new TypeError('The publish section did not run.');
    return { context, asset, result: await finish({ context, maker }, this.id, assetId, createCallState(options)) };
  }
}

/** The next variation, unless the last request for one is still open. */
function nextVariation(stored: Asset, seed: number | undefined, now: number): Asset {
  const { variationSeed, error: _error, ...rest } = stored;
  const isOpen = stored.made?.variation !== stored.variation;
  if (isOpen && (seed === undefined || seed === variationSeed)) return stored;
  const next = {
    ...rest,
    variation: stored.variation + 1,
    ...(seed === undefined ? {} : { variationSeed: seed }),
    updatedAtMs: now,
  };
  if (stored.made === undefined) return { ...next, state: 'pending' };
  return { ...next, state: 'stale', staleReason: sayOfAsset('stale-asked') };
}

/** Makes an asset, waits for what a restart makes again, and updates the report. */
export async function finish(
  { context, maker }: SessionParts,
  sessionId: string,
  assetId: string,
  call: CallState,
): Promise<AssetResult> {
  const result = await maker.make(sessionId, assetId, call);
  callListener(context, call.onResult, result);
  await call.remaking;
  await bringUpToDate(context, sessionId);
  return result;
}
