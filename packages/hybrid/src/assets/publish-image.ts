import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { maxPictureBytes, readRegularFile, sumAmounts } from '@holodeck/core/backend';
import type { GenerationSuccess, ImageWarning } from '@holodeck/core';
import { renderMessage } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { currentAsset, followedSha256, isMade, staleAsset } from './asset.ts';
import type { Asset, AssetCost, AssetLabels, MadeAsset, MadePicture } from './asset.ts';
import { assetLabels, labelDerived } from './asset-labels.ts';
import { say } from './asset-messages.ts';
import type { StoredPlan } from './asset-plan.ts';
import { followsReference, requestedHashOf } from './asset-plan.ts';
import type { AssetSpec } from './asset-spec.ts';
import { cardAssetId, sceneReferenceId } from './asset-spec.ts';
import { invalidRequest } from '../internal/errors.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import { stageHolodeckLayout } from '../output/holodeck-layout.ts';
import { isPng, toPng } from '../output/png.ts';
import type { SessionFolder, StagedFile } from '../output/session-folder.ts';
import { lockedRecord } from '../lock/lock-records.ts';
import { sessionDataOf } from '../session/session-data.ts';
import { reasonOf } from '../session/session-events.ts';
import type { SessionChanges, SessionSection } from '../session/session-publisher.ts';
import { publishSession } from '../session/session-publisher.ts';

/** A finished image and what it was made for. */
export interface FinishedImage {
  readonly sessionId: string;
  readonly assetId: string;
  readonly plan: StoredPlan;
  readonly result: GenerationSuccess;
}

/** What happened to it. */
export interface Published {
  /**
   * `current` = it is the session's image now; `superseded` = the session has moved on to another choice of a backend;
   * `outdated` = another call wants something else of this asset now.
   */
  readonly state: 'current' | 'superseded' | 'outdated';
  readonly asset: MadeAsset;
  /** Ids of what follows another picture now: cards and images the scene reference, views the front card. */
  readonly madeStale: readonly string[];
}

/** The file of an asset, relative to the session's folder. */
export function pathOf(assetId: string): string {
  if (assetId === sceneReferenceId) return 'scene-ref.png';
  const [kind, id, view] = assetId.split('/') as [string, string, string?];
  // A folder of their own: an object may be called "lamp.left" or "lamp/left".
  if (view !== undefined) return `views/${id}/${view}.png`;
  return kind === 'card' ? `cards/${id}.png` : `images/${id}.png`;
}

/** Where the picture is kept as delivered; undefined if the asset's file has the same bytes. */
function originalPathOf(assetId: string, mediaType: string): string | undefined {
  const format = mediaType.replace(/^image\//, '').replace('jpeg', 'jpg');
  if (!assetId.startsWith('card/') && format === 'png') return undefined;
  return pathOf(assetId).replace(/png$/, `original.${format}`);
}

/**
 * Publishes a finished image: checks the session's backend, renames the files, writes manifest and records, all in one publish
 * section. The first image of a claim locks the session. A late image goes to `superseded/<epoch>/`, is recorded as paid, and
 * never becomes current.
 */
export async function publishImage(context: HybridContext, image: FinishedImage): Promise<Published> {
  const { sessionId, assetId, plan } = image;
  const folder = folderOf(context, sessionId);
  const staged = await stageFiles(context, folder, image);
  const layout =
    context.layout === 'holodeck' ? await stageHolodeckLayout(context, folder, sessionId, assetId, staged.main) : [];
  let published: Published | undefined;
  try {
    await publishSession(context, sessionId, (section) => {
      const { session } = section;
      const existing = section.assets.find((asset) => asset.assetId === assetId);
      const isLate = session.state === 'free' || sessionDataOf(session).choiceEpoch !== plan.choiceEpoch;
      const isOutdated = existing !== undefined && requestedHashOf(existing) !== plan.wishKey;
      if (existing === undefined || isLate || isOutdated) {
        const asset = supersede(context, image, staged, existing, section);
        published = { state: isLate || existing === undefined ? 'superseded' : 'outdated', asset, madeStale: [] };
        const changes = { assets: [asset], events: [assetEvent('superseded', asset)] };
        return isLate ? changes : withLock(section, changes);
      }
      for (const file of staged.files) section.place(file);
      for (const file of layout) section.place(file);
      const made = madePicture(context, image, staged, staged.paths, existing.made);
      const asset = withPicture(context, section, existing, made);
      const stale = staleFollowers(section, asset, context.clock.now());
      published = { state: 'current', asset, madeStale: stale.map((one) => one.assetId) };
      return withLock(section, { assets: [asset, ...stale], events: [assetEvent('asset', asset)] });
    });
  } finally {
    for (const file of [...staged.files, ...layout]) folder.discard(file);
  }
  if (published === undefined) throw new TypeError('The publish section did not run.');
  return published;
}

interface Staged {
  readonly main: StagedFile;
  readonly files: readonly StagedFile[];
  readonly paths: { readonly path: string; readonly originalPath?: string };
  readonly sha256: string;
  readonly byteLength: number;
  readonly labels: AssetLabels;
  /** The driver's, with the files beside the picture where they are now. */
  readonly warnings: readonly ImageWarning[];
}

/** Stages the picture as PNG, and as it was delivered where that differs: only those bytes keep a C2PA manifest. */
async function stageFiles(
  context: HybridContext,
  folder: SessionFolder,
  { assetId, plan, result }: FinishedImage,
): Promise<Staged> {
  const [picture] = result.images;
  if (picture.path === undefined) throw new TypeError('A session needs images on disk.');
  const delivered = await readRegularFile(picture.path, maxPictureBytes);
  const { backend, jobId } = result;
  const making = {
    backend,
    model: plan.model ?? result.model,
    ...(jobId === undefined ? {} : { jobId }),
    sha256: picture.sha256,
  };
  const bytes = isPng(delivered) ? delivered : labelDerived(context, await toPng(delivered), delivered, making);
  const path = pathOf(assetId);
  const originalPath = originalPathOf(assetId, picture.mediaType);
  const main = bytes === delivered ? await folder.stage(picture.path, path) : await folder.stageBytes(bytes, path);
  const original = originalPath === undefined ? [] : [await folder.stage(picture.path, originalPath)];
  const extra = await stageExtraFiles(folder, path, result);
  return {
    main,
    files: [main, ...original, ...extra.files],
    warnings: extra.warnings,
    paths: { path, ...(originalPath === undefined ? {} : { originalPath }) },
    sha256: bytes === delivered ? picture.sha256 : createHash('sha256').update(bytes).digest('hex'),
    byteLength: bytes.byteLength,
    labels: assetLabels(delivered, picture.sha256, bytes),
  };
}

/**
 * Stages what the job made beside its picture, such as the `.glb` of a 3D node, under the picture's name. A file that is gone costs
 * nothing but itself.
 */
async function stageExtraFiles(
  folder: SessionFolder,
  path: string,
  { extraFiles = [], warnings }: GenerationSuccess,
): Promise<Pick<Staged, 'files' | 'warnings'>> {
  const staged = new Map<string, StagedFile>();
  const taken = new Set(['.png']);
  for (const { path: source, sha256 } of extraFiles) {
    const extension = extname(source);
    const stem = path.replace(/\.png$/, taken.has(extension) ? `.${sha256.slice(0, 8)}` : '');
    taken.add(extension);
    const file = await folder.stage(source, stem + extension).catch(() => undefined);
    if (file !== undefined) staged.set(sha256, file);
  }
  const moved = warnings.map((warning): ImageWarning => {
    if (warning.files?.some(({ sha256 }) => staged.has(sha256)) !== true) return warning;
    const files = warning.files.map((file) => ({ ...file, path: staged.get(file.sha256)?.target ?? file.path }));
    const said = { ...warning, params: { files: files.map((file) => file.path).join(', ') } };
    return { ...said, message: renderMessage(said), files };
  });
  return { files: [...staged.values()], warnings: moved };
}

function madePicture(
  context: HybridContext,
  { plan, result }: FinishedImage,
  staged: Pick<Staged, 'sha256' | 'byteLength' | 'labels' | 'warnings'>,
  paths: { readonly path: string; readonly originalPath?: string },
  earlier: MadePicture | undefined,
): MadePicture {
  const [picture] = result.images;
  const cost = result.cost ?? { paidSubmissions: result.paidAttempts };
  const seed = picture.seed ?? plan.seed;
  return {
    ...paths,
    sha256: staged.sha256,
    ...(paths.originalPath === undefined ? {} : { originalSha256: picture.sha256 }),
    byteLength: staged.byteLength,
    labels: staged.labels,
    width: picture.width,
    height: picture.height,
    mediaType: 'image/png',
    backend: result.backend,
    model: plan.model ?? result.model,
    fingerprint: plan.fingerprint,
    ...(result.jobId === undefined ? {} : { jobId: result.jobId }),
    ...(seed === undefined ? {} : { seed }),
    prompt: plan.prompt,
    ...(plan.negativePrompt === undefined ? {} : { negativePrompt: plan.negativePrompt }),
    ...(plan.style === undefined ? {} : { style: plan.style }),
    ...(picture.revisedPrompt === undefined ? {} : { revisedPrompt: picture.revisedPrompt }),
    promptVersion: plan.promptVersion,
    ...(plan.look === undefined ? {} : { look: plan.look }),
    referenceSha256: plan.referenceSha256,
    ...(plan.wordsSha256 === undefined ? {} : { wordsSha256: plan.wordsSha256 }),
    ...(plan.frontSha256 === undefined ? {} : { frontSha256: plan.frontSha256 }),
    source: result.source,
    attempts: result.attempts,
    timings: result.timings,
    gate: null,
    warnings: [...plan.warnings, ...staged.warnings],
    ...(result.usage === undefined ? {} : { usage: result.usage }),
    // A picture that was fetched again from the same job is not paid twice.
    cost: earlier === undefined || earlier.jobId === result.jobId ? cost : addCosts(earlier.cost, cost),
    createdAtMs: context.clock.now(),
    makeKey: plan.makeKey,
    choiceEpoch: plan.choiceEpoch,
    variation: plan.variation,
  };
}

function addCosts(a: AssetCost, b: AssetCost): AssetCost {
  const paidSubmissions = a.paidSubmissions + b.paidSubmissions;
  const sums = sumAmounts([b, a, ...(a.earlier ?? [])]);
  const own = b.amount === undefined ? undefined : sums.find(({ currency }) => currency === b.currency);
  const earlier = sums.filter((money) => money !== own && money.amount > 0);
  return { paidSubmissions, ...own, ...(earlier.length === 0 ? {} : { earlier }) };
}

function withPicture(context: HybridContext, section: SessionSection, existing: Asset, made: MadePicture): MadeAsset {
  const now = context.clock.now();
  const asset = { ...currentAsset(existing, now), epoch: section.session.epoch, made };
  // What it follows was replaced while it was being made.
  const reason = whyStale(asset, section.assets);
  return reason === undefined ? asset : { ...staleAsset(asset, reason, now), made };
}

/** Why a picture does not follow what it should follow now; undefined if it does. */
function whyStale({ spec, made }: MadeAsset, assets: readonly Asset[]): Message | undefined {
  const reference = assets.find(({ assetId }) => assetId === sceneReferenceId);
  if (followsReference(spec) && followedSha256(made) !== referenceShaOf(reference)) return say('stale-reference');
  if (spec.kind !== 'card' || spec.view === undefined) return undefined;
  const front = assets.find(({ assetId }) => assetId === cardAssetId(spec.objectId));
  return front?.state === 'current' && made.frontSha256 === front.made?.originalSha256 ? undefined : say('stale-front');
}

/** Hash of the current scene reference; null if there is none. */
function referenceShaOf(reference: Asset | undefined): string | null {
  return reference?.state === 'current' ? (reference.made?.sha256 ?? null) : null;
}

/** The current pictures that follow one that has just been replaced, as stale: the scene reference, or a front card. */
export function staleFollowers({ assets }: SessionSection, changed: MadeAsset, now: number): readonly Asset[] {
  const { assetId, spec } = changed;
  const others = assets.filter((asset): asset is MadeAsset => asset.assetId !== assetId && isMade(asset));
  const followers = others.filter((other) =>
    assetId === sceneReferenceId ? followsReference(other.spec) : isViewOf(other.spec, spec),
  );
  return followers.flatMap((asset) => {
    const reason = asset.state === 'current' ? whyStale(asset, [changed, ...others]) : undefined;
    return reason === undefined ? [] : [staleAsset(asset, reason, now)];
  });
}

function isViewOf(spec: AssetSpec, front: AssetSpec): boolean {
  if (spec.kind !== 'card' || front.kind !== 'card') return false;
  return spec.view !== undefined && front.view === undefined && spec.objectId === front.objectId;
}

function withLock(section: SessionSection, changes: SessionChanges): SessionChanges {
  const { session } = section;
  if (session.state !== 'claimed') return changes;
  const { backend, model, fingerprint, epoch, reason } = session;
  const chosen = sessionDataOf(session).reason;
  const data = { backend, model, fingerprint, epoch, reason, ...(chosen && reasonOf(chosen)) };
  const lock = { type: 'lock', data };
  return { ...changes, session: lockedRecord(session), events: [lock, ...(changes.events ?? [])] };
}

function supersede(
  context: HybridContext,
  image: FinishedImage,
  staged: Staged,
  existing: Asset | undefined,
  { assets, place }: SessionSection,
): MadeAsset {
  const { assetId, plan, result, sessionId } = image;
  const name = `${assetId.replaceAll('/', '-')}-${staged.sha256.slice(0, 8)}`;
  const path = `superseded/${plan.choiceEpoch}/${name}.png`;
  const supersededId = `superseded/${plan.choiceEpoch}/${name}`;
  const known = assets.find((asset) => asset.assetId === supersededId);
  if (known !== undefined) return known as MadeAsset;
  place(staged.main, path);
  if (existing === undefined) {
    throw invalidRequest(say('asset-removed', { sessionId, assetId, path: String(result.images[0].path) }));
  }
  return {
    sessionId,
    assetId: supersededId,
    epoch: plan.choiceEpoch,
    state: 'superseded',
    spec: existing.spec,
    variation: plan.variation,
    gateRetries: 0,
    made: madePicture(context, image, { ...staged, warnings: result.warnings }, { path }, undefined),
    updatedAtMs: context.clock.now(),
  };
}

function assetEvent(
  type: string,
  { assetId, state, epoch, made: { path, sha256, backend, model, jobId, source } }: MadeAsset,
): { readonly type: string; readonly data: Readonly<Record<string, unknown>> } {
  return { type, data: { assetId, state, epoch, path, sha256, backend, model, jobId, source } };
}
