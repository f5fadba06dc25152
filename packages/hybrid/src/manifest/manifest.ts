import type { GenerationTimings, ImageErrorJson, ImageUsage, ImageWarning } from '@holodeck/core';
import type { Message } from '@holodeck/core/messages';
import type { AssetCost, AssetLabels, AssetLook, GateVerdict, ViewFit } from '../assets/asset.ts';
import type { AssetSpec, CardSpec } from '../assets/asset-spec.ts';
import type { JudgeVerdict } from '../judge/card-judge.ts';
import type { CardView } from '../assets/card-views.ts';

/** Version of the `manifest.json` format that this package writes. */
export const manifestVersion = 1;

/** Name of the file in a session's folder. */
export const manifestFileName = 'manifest.json';

/** What `manifest.json` says of one image. Paths are relative to the session's folder, with `/`. */
export interface ManifestAsset {
  /** `scene-reference`, `card/<objectId>`, `card/<objectId>/<view>` or `image/<id>`. */
  readonly id: string;
  readonly kind: 'scene-reference' | 'card' | 'image';
  /** Of a card. */
  readonly objectId?: string;
  /** Of a card: what the caller calls the object. */
  readonly name?: string;
  /** Of a card: the side that it shows; absent = the front. */
  readonly view?: CardSpec['view'];
  /**
   * `current` = belongs to the session's look; `stale` = has to be made again; `failed` = could not be made; `pending` = not
   * made yet; `superseded` = arrived late for an earlier epoch: paid, and never current.
   */
  readonly state: 'current' | 'stale' | 'failed' | 'pending' | 'superseded';
  readonly staleReason?: string;
  /** `staleReason` with its id, to translate it with `renderSentence`. */
  readonly sentences?: readonly Message[];
  readonly epoch: number;
  /** The file to use; null if there is none. */
  readonly path: string | null;
  /** The picture as delivered, if it differs from `path`. */
  readonly originalPath?: string;
  /** Of the file at `path`; lowercase hex. */
  readonly sha256: string | null;
  readonly originalSha256?: string;
  readonly byteLength?: number;
  /** In pixels. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly mediaType?: string;
  /** Null for a picture from the caller, and before there is a picture. */
  readonly backend: string | null;
  readonly model: string | null;
  readonly fingerprint: string | null;
  /** The provider's id of the job. */
  readonly jobId: string | null;
  /** The seed that was used, if known. */
  readonly seed: number | null;
  /** The prompt that was sent. */
  readonly prompt: string | null;
  readonly negativePrompt?: string;
  readonly style?: string;
  /** The prompt as the provider rewrote it, if it reports that. */
  readonly revisedPrompt: string | null;
  readonly promptVersion: string | null;
  /**
   * How the image follows the scene reference: `reference` = the picture was sent along; `words` = only words describe its look;
   * `none` = it follows none. Absent while there is no image, and for images of earlier versions.
   */
  readonly look?: AssetLook;
  /** Of the scene reference that was sent along; null when none was. */
  readonly referenceSha256: string | null;
  /** Of the scene reference that only words describe. */
  readonly wordsSha256?: string;
  /** Of a view: hash of the front card, as delivered, that was sent along. */
  readonly frontSha256?: string;
  /** Of a view: how its outline fits that of the others. */
  readonly fits?: readonly ViewFit[];
  /** Of a card: the caller allowed it to be made without a scene reference. */
  readonly withoutReference?: true;
  /** What its files say about its making. Absent while there is no image, and for images of earlier versions. */
  readonly labels?: AssetLabels;
  readonly source?: 'generated' | 'resumed' | 'cache' | 'imported';
  /** Submissions of the call that made it. */
  readonly attempts: number;
  readonly timings: GenerationTimings | null;
  /** Verdict on a card; null until it has been measured. */
  readonly gate: GateVerdict | null;
  /** Hash of the rules and settings behind the verdict. */
  readonly gateKey?: string;
  /** What the judge said of the card at `path`. */
  readonly judgement?: JudgeVerdict;
  /** How many of the variations the gate asked for. */
  readonly gateRetries?: number;
  readonly warnings: readonly ImageWarning[];
  readonly usage?: ImageUsage;
  readonly cost: AssetCost;
  /** ISO 8601. */
  readonly createdAt: string | null;
  /** The last failure. */
  readonly error?: ImageErrorJson;
  /** What was requested. With `makeKey`, a session can continue when only its folder is left. */
  readonly spec: AssetSpec;
  readonly variation: number;
  /** The variation that the picture shows. */
  readonly madeVariation?: number;
  /** Epoch in which the backend that made it was chosen. */
  readonly choiceEpoch?: number;
  readonly makeKey: string | null;
}

/** The views of one object that can be used: those that are current. */
export interface ManifestViews {
  readonly objectId: string;
  /** Paths by the names that services for 3D models use. */
  readonly pictures: Readonly<Partial<Record<CardView, string>>>;
  /** The least that opposite outlines have in common once one is mirrored, 0 to 1; null while no two can be compared. */
  readonly mirror: number | null;
}

/** The contents of `manifest.json`: a session as it stands, and where each image comes from. */
export interface Manifest {
  readonly version: 1;
  readonly sessionId: string;
  /** Rises with every write. */
  readonly revision: number;
  /** ISO 8601. */
  readonly updatedAt: string;
  /** State of the session's lock. */
  readonly state: 'free' | 'claimed' | 'locked';
  /** The backend that the session is locked to; null while there is none. */
  readonly backend: string | null;
  readonly model: string | null;
  readonly fingerprint: string | null;
  /** Rises with every choice of a backend. */
  readonly epoch: number;
  /** Epoch in which the current backend was chosen. */
  readonly choiceEpoch: number | null;
  /** Why this backend. */
  readonly reason: string | null;
  /** `reason` with its id, to translate it with `renderSentence`. */
  readonly sentences?: readonly Message[];
  /** ISO 8601; when the backend was chosen. */
  readonly acquiredAt: string | null;
  readonly sceneText: string | null;
  readonly style: string | null;
  readonly cost: {
    /** Submissions that providers accepted for this session, superseded ones included. */
    readonly paidSubmissions: number;
    /** By currency, for the models in the price list. */
    readonly amounts: readonly { readonly currency: string; readonly amount: number }[];
  };
  /** What a service for 3D models takes of each object that has further views; absent while none has. */
  readonly views?: readonly ManifestViews[];
  /** The scene reference first, then cards and images by id; superseded ones last. */
  readonly assets: readonly ManifestAsset[];
}
