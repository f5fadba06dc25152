import type { Cost, GenerationTimings, ImageErrorJson, ImageUsage, ImageWarning, Money } from '@holodeck/core';
import type { AssetRecord, SessionRecord } from '@holodeck/core/stores';
import type { AssetSpec } from './asset-spec.ts';

/** What the gate found on a card. */
export interface GateVerdict {
  readonly status: 'passed' | 'failed';
  /** Sentences for people: why it failed. Empty when it passed. */
  readonly reasons: readonly string[];
  /** What was measured, plain JSON. */
  readonly measures: Readonly<Record<string, unknown>>;
}

/** What an asset has cost, over all calls and gate attempts. */
export interface AssetCost extends Cost {
  /** What it has cost in other currencies, before its session moved to another backend. */
  readonly earlier?: readonly Money[];
}

/** An asset's picture and where it comes from. Paths are relative to the session's folder, with `/`. */
export interface MadeAsset {
  readonly path: string;
  /** As the provider delivered it, where that is another file. */
  readonly originalPath?: string;
  readonly sha256: string;
  readonly originalSha256?: string;
  readonly byteLength: number;
  readonly width: number;
  readonly height: number;
  readonly mediaType: string;
  /** Null for pictures that the caller brought. */
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
  /** Of the scene reference whose look it follows; null when there was none. */
  readonly referenceSha256: string | null;
  readonly source: 'generated' | 'resumed' | 'cache' | 'imported';
  readonly attempts: number;
  readonly timings?: GenerationTimings;
  readonly gate: GateVerdict | null;
  /** Rules and settings that the verdict was found by. */
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

/** The `data` of an `AssetRecord`. */
export interface AssetData {
  readonly spec: AssetSpec;
  /** 0, and one more for each wish to have it made differently from the same words. */
  readonly variation: number;
  /** A seed that was asked for this variation. */
  readonly variationSeed?: number;
  /** How many of the variations the gate asked for; kept so that a crash does not reset it. */
  readonly gateRetries: number;
  readonly made?: MadeAsset;
  /** Why it has to be made again. */
  readonly staleReason?: string;
  /** Set when the state became `stale` because of a restart: the epoch of that restart. */
  readonly staleSinceEpoch?: number;
  /** The last failure, where no picture has come since. */
  readonly error?: ImageErrorJson;
}

/** The `data` of a `SessionRecord`. */
export interface SessionData {
  /** Epoch in which the present backend was chosen. A take-over raises the session's epoch and leaves this. */
  readonly choiceEpoch?: number;
  readonly sceneText?: string;
  readonly style?: string;
  /** Of the last manifest that was written. */
  readonly manifestRevision?: number;
  /** Name of the backend that `relock` asked for. */
  readonly preferred?: string;
  /** Names of backends that failed in the present round of claims. */
  readonly tried?: readonly string[];
  /** What the session was locked to before a restart that is not over; put back when the restart finds no backend. */
  readonly before?: {
    readonly backend: string;
    readonly model: string;
    readonly fingerprint: string;
    readonly choiceEpoch: number;
    readonly restartEpoch: number;
  };
}

export function sessionDataOf(record: SessionRecord): SessionData {
  return record.data as SessionData;
}

export function assetDataOf(record: AssetRecord): AssetData {
  return record.data as unknown as AssetData;
}

/** An `AssetRecord` from its typed parts. */
export function assetRecord(
  parts: Pick<AssetRecord, 'sessionId' | 'assetId' | 'epoch' | 'state'>,
  data: AssetData,
  updatedAtMs: number,
): AssetRecord {
  return { ...parts, data: data as unknown as Readonly<Record<string, unknown>>, updatedAtMs };
}
