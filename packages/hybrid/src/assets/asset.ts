import type { Cost, GenerationTimings, ImageErrorJson, ImageUsage, ImageWarning, Money } from '@holodeck/core';
import type { Message } from '@holodeck/core/messages';
import type { AssetRecord } from '@holodeck/core/stores';
import type { PictureLabels } from '@holodeck/core/labels';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { sessionError } from '../internal/errors.ts';
import type { JudgeVerdict } from '../judge/card-judge.ts';
import { say } from './asset-messages.ts';
import type { AssetSpec } from './asset-spec.ts';
import type { CardView } from './card-views.ts';

/** What the gate found on a card. */
export interface GateVerdict {
  readonly status: 'passed' | 'failed';
  /** Why it failed, in sentences. Empty if it passed. */
  readonly reasons: readonly string[];
  /** The reasons with their ids, to translate them with `renderSentence`; absent in files of earlier versions. */
  readonly sentences?: readonly Message[];
  /** What was measured, plain JSON. */
  readonly measures: Readonly<Record<string, unknown>>;
}

/**
 * How an image follows the scene reference: `reference` = the picture was sent along; `words` = only words describe its look;
 * `none` = it follows none.
 */
export type AssetLook = 'reference' | 'words' | 'none';

/** What an image's files say about its making. */
export interface AssetLabels {
  /** What the picture said as delivered, and the hash of that file; only that file keeps a C2PA manifest. */
  readonly source: PictureLabels & { readonly sha256: string };
  /** What the file to use says. */
  readonly file: PictureLabels;
}

/** What an asset has cost, over all calls and gate attempts. */
export interface AssetCost extends Cost {
  /** What it has cost in other currencies, before its session moved to another backend. */
  readonly earlier?: readonly Money[];
}

/** How the outline of a view fits that of another one; each by the object's own pixels in the card. */
export interface ViewFit {
  readonly view: CardView;
  /** The lower height of the two divided by the other one. */
  readonly heights: number;
  /** Of opposite sides: the share of both outlines that they have in common after one is mirrored, 0 to 1. */
  readonly mirror?: number;
  /** Hashes of both cards when they were compared: its own, and the other one's. */
  readonly of: readonly [string, string];
}

/** An asset's picture and where it comes from. Paths are relative to the session's folder, with `/`. */
export interface MadePicture {
  readonly path: string;
  /** The file as the provider delivered it, if it differs. */
  readonly originalPath?: string;
  readonly sha256: string;
  readonly originalSha256?: string;
  readonly byteLength: number;
  readonly width: number;
  readonly height: number;
  readonly mediaType: string;
  /** Null for pictures from the caller. */
  readonly backend: string | null;
  readonly model: string | null;
  readonly fingerprint: string | null;
  readonly jobId?: string;
  readonly seed?: number;
  readonly prompt?: string;
  readonly negativePrompt?: string;
  readonly style?: string;
  readonly revisedPrompt?: string;
  readonly promptVersion?: string;
  /** Absent in what earlier versions have stored. */
  readonly look?: AssetLook;
  /** Of the scene reference that was sent along; null when none was. */
  readonly referenceSha256: string | null;
  /** Of the scene reference that only words describe. */
  readonly wordsSha256?: string;
  /** Of the front card that was sent along, as it was delivered; only of a view. */
  readonly frontSha256?: string;
  /** Of a card with views: how it fits the other ones. */
  readonly fits?: readonly ViewFit[];
  readonly source: 'generated' | 'resumed' | 'cache' | 'imported';
  readonly attempts: number;
  readonly timings?: GenerationTimings;
  /** Absent in what earlier versions have stored. */
  readonly labels?: AssetLabels;
  readonly gate: GateVerdict | null;
  /** Hash of the rules and settings behind the verdict. */
  readonly gateKey?: string;
  readonly warnings: readonly ImageWarning[];
  readonly usage?: ImageUsage;
  readonly cost: AssetCost;
  readonly createdAtMs: number;
  /** Hash of everything that decides the picture; a changed one means that it has to be made again. */
  readonly makeKey: string;
  /** Epoch in which the backend was chosen that made it. */
  readonly choiceEpoch: number;
  readonly variation: number;
}

/** One picture of a session: what is wanted, its state, and what was made. Its row stores `spec` and what follows as plain JSON. */
export interface Asset extends Omit<AssetRecord, 'data'> {
  readonly spec: AssetSpec;
  /** Starts at 0; rises each time another picture of the same words is requested. */
  readonly variation: number;
  /** The seed that was requested for this variation. */
  readonly variationSeed?: number;
  /** Of a card: whether it may be made without a scene reference. Does not change what is requested: the picture is the same. */
  readonly withoutReference?: boolean;
  /** How many of the variations the gate requested; stored so that a crash does not reset it. */
  readonly gateRetries: number;
  /** All that the judge has said of its pictures, so that it is not asked twice about the same bytes. */
  readonly judgements?: readonly JudgeVerdict[];
  readonly made?: MadePicture;
  /** Why it has to be made again. */
  readonly staleReason?: Message;
  /** Set when the state became `stale` because of a restart: the epoch of that restart. */
  readonly staleSinceEpoch?: number;
  /** The last failure, unless a picture was made since. */
  readonly error?: ImageErrorJson;
}

/** An asset that has a picture. */
export type MadeAsset = Asset & { readonly made: MadePicture };

/** Hash of the scene reference that a picture follows, sent or in words; null when it follows none. */
export function followedSha256({
  referenceSha256,
  wordsSha256,
}: Pick<MadePicture, 'referenceSha256' | 'wordsSha256'>): string | null {
  return referenceSha256 ?? wordsSha256 ?? null;
}

/** What the judge last said of the asset's present picture. */
export function judgementOf({ judgements = [], made }: Asset): JudgeVerdict | undefined {
  return judgements.findLast(({ sha256 }) => sha256 === made?.sha256);
}

/** Whether an asset has a picture. */
export function isMade(asset: Asset): asset is MadeAsset {
  return asset.made !== undefined;
}

/** The asset of a row. */
export function assetOf({ data, ...row }: AssetRecord): Asset {
  return { ...(data as unknown as Pick<Asset, 'spec' | 'variation' | 'gateRetries'>), ...row };
}

/** The row of an asset. */
export function rowOf({ sessionId, assetId, epoch, state, updatedAtMs, ...data }: Asset): AssetRecord {
  return { sessionId, assetId, epoch, state, data, updatedAtMs };
}

/** All assets of a session, as they are stored. */
export async function assetsOf({ store }: Pick<HybridContext, 'store'>, sessionId: string): Promise<readonly Asset[]> {
  return (await store.sessions.assets(sessionId)).map(assetOf);
}

/**
 * One of a session's assets.
 *
 * @throws ImageError of kind `session` and code `not-found` if it is not among them.
 */
export function requireAsset(assets: readonly Asset[], sessionId: string, assetId: string): Asset {
  const asset = assets.find((one) => one.assetId === assetId);
  if (asset === undefined) {
    throw sessionError('not-found', say('no-asset', { sessionId, assetId }));
  }
  return asset;
}

/** The asset as `current`, without earlier problems. */
export function currentAsset(asset: Asset, now: number): Asset {
  const { error: _error, staleReason: _reason, staleSinceEpoch: _since, ...rest } = asset;
  return { ...rest, state: 'current', updatedAtMs: now };
}

/** The asset as `stale`; pass `staleSinceEpoch` after a restart. */
export function staleAsset(asset: Asset, staleReason: Message, now: number, staleSinceEpoch?: number): Asset {
  const { staleSinceEpoch: _since, ...rest } = asset;
  const since = staleSinceEpoch === undefined ? {} : { staleSinceEpoch };
  return { ...rest, ...since, state: 'stale', staleReason, updatedAtMs: now };
}

/** The asset after a failed attempt. */
export function failedAsset(asset: Asset, error: ImageErrorJson, now: number): Asset {
  return { ...asset, state: isMade(asset) ? 'stale' : 'failed', error, updatedAtMs: now };
}
