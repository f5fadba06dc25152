import type { GenerationTimings, ImageError, ImageUsage, ImageWarning } from '@holodeck/core';
import { folderOf } from '../internal/hybrid-context.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import type { AssetCost, AssetLabels, AssetLook, GateVerdict, MadeAsset, ViewFit } from './asset.ts';
import { judgementOf } from './asset.ts';
import type { JudgeVerdict } from '../judge/card-judge.ts';
import type { CardView } from './card-views.ts';

interface AssetResultBase {
  readonly sessionId: string;
  /** `scene-reference`, `card/<objectId>` or `image/<id>`. */
  readonly assetId: string;
  /** The backend that made it, or that the session is locked to; absent if none was chosen. */
  readonly backend?: string;
  readonly model?: string;
  readonly warnings: readonly ImageWarning[];
}

/** An image of a session that exists on disk. */
export interface AssetSuccess extends AssetResultBase {
  readonly success: true;
  /** Absolute path of the file to use. */
  readonly path: string;
  /** Absolute path of the picture as the provider delivered it, if it differs from `path`. */
  readonly originalPath?: string;
  readonly sha256: string;
  readonly byteLength: number;
  readonly width: number;
  readonly height: number;
  readonly mediaType: string;
  readonly fingerprint?: string;
  readonly epoch: number;
  /** `generated` = submitted in this call; `resumed` = it existed or was submitted before this call. */
  readonly source: 'generated' | 'resumed' | 'cache' | 'imported';
  readonly jobId?: string;
  readonly seed?: number;
  readonly prompt?: string;
  readonly revisedPrompt?: string;
  readonly promptVersion?: string;
  /** How it follows the scene reference; absent for images of earlier versions. */
  readonly look?: AssetLook;
  /** What its files say about its making; absent for images of earlier versions. */
  readonly labels?: AssetLabels;
  /** Submissions of this call; 0 if nothing had to be sent. */
  readonly attempts: number;
  readonly timings?: GenerationTimings;
  /** Null until it has been measured. */
  readonly gate: GateVerdict | null;
  /** Of a view: how its outline fits that of the others. */
  readonly fits?: readonly ViewFit[];
  /** What the judge said of it; absent without one, or while it has not been asked. */
  readonly judgement?: JudgeVerdict;
  readonly usage?: ImageUsage;
  readonly cost: AssetCost;
}

/** An image of a session that could not be made. */
export interface AssetFailure extends AssetResultBase {
  readonly success: false;
  readonly error: ImageError;
}

/** The result for one asset. Generating calls resolve with it; only bad arguments reject. */
export type AssetResult = AssetSuccess | AssetFailure;

/** What `generateSceneReference` resolves with. */
export type SceneReferenceResult = AssetResult;

/** What `generateObjectCard` resolves with, and each entry of `generateObjectCards`. `view` is the side that it shows. */
export type ObjectCardResult = AssetResult & {
  readonly objectId: string;
  readonly name: string;
  readonly view: CardView;
};

/** The result for a stored asset. */
export function resultOf(
  context: HybridContext,
  asset: MadeAsset,
  changes: Partial<Pick<AssetSuccess, 'source' | 'attempts' | 'warnings'>> = {},
): AssetSuccess {
  const { sessionId, assetId, epoch, made } = asset;
  const folder = folderOf(context, sessionId);
  const judgement = judgementOf(asset);
  return {
    success: true,
    sessionId,
    assetId,
    epoch,
    ...(made.backend === null ? {} : { backend: made.backend }),
    ...(made.model === null ? {} : { model: made.model }),
    ...(made.fingerprint === null ? {} : { fingerprint: made.fingerprint }),
    path: folder.absolute(made.path),
    ...(made.originalPath === undefined ? {} : { originalPath: folder.absolute(made.originalPath) }),
    sha256: made.sha256,
    byteLength: made.byteLength,
    width: made.width,
    height: made.height,
    mediaType: made.mediaType,
    source: changes.source ?? made.source,
    attempts: changes.attempts ?? made.attempts,
    warnings: changes.warnings ?? made.warnings,
    gate: made.gate,
    cost: made.cost,
    ...(judgement === undefined ? {} : { judgement }),
    ...pick(made, [
      'jobId',
      'seed',
      'prompt',
      'revisedPrompt',
      'promptVersion',
      'look',
      'labels',
      'fits',
      'timings',
      'usage',
    ]),
  };
}

function pick<T extends object, K extends keyof T>(source: T, keys: readonly K[]): Partial<Pick<T, K>> {
  const entries = keys.filter((key) => source[key] !== undefined).map((key) => [key, source[key]]);
  return Object.fromEntries(entries) as Partial<Pick<T, K>>;
}
