import type { Message } from '../messages/message.ts';
import type { ImageFormat, ImageRequest, ReferenceRole } from './image-request.ts';
import type { ImageSize } from './image-size.ts';

/** The sizes that a backend accepts. All given conditions must hold. */
export interface SizeRule {
  /** A fixed list; absent = any size that meets the other conditions. */
  readonly oneOf?: readonly ImageSize[];
  readonly minSide?: number;
  readonly maxSide?: number;
  /** Both sides are multiples of this. Default 1. */
  readonly multipleOf?: number;
  readonly minPixels?: number;
  readonly maxPixels?: number;
  /** Longest side divided by shortest side. */
  readonly maxRatio?: number;
}

/** The reference pictures that a backend accepts. */
export interface ReferenceRule {
  readonly roles: readonly ReferenceRole[];
  readonly maxCount: number;
  readonly mediaTypes: readonly string[];
  /** Of the encoded file, in bytes. */
  readonly maxBytes?: number;
  readonly minSide?: number;
  readonly maxSide?: number;
}

/** How a backend shows that its account's limit is reached. */
export type LimitSignal =
  /** A refusal, immediate and free (Hunyuan). */
  | 'refusal'
  /** Rate headers and Retry-After (OpenAI). */
  | 'headers'
  /** None: the server queues (ComfyUI). */
  | 'none';

/** What a provider can do, as data. Everything else is refused before anything is sent. */
export interface BackendCapabilities {
  readonly size: SizeRule;
  /** In Unicode code points. */
  readonly maxPromptLength: number;
  /** In Unicode code points; absent = no negative prompts. */
  readonly maxNegativePromptLength?: number;
  /** Images of one submission; at least 1. */
  readonly maxCount: number;
  /** Inclusive range; absent = no seed. */
  readonly seed?: { readonly min: number; readonly max: number };
  /** Whether `style` words have a parameter of their own. */
  readonly style: boolean;
  /** Absent = no reference pictures. */
  readonly references?: ReferenceRule;
  readonly transparentBackground: boolean;
  /**
   * Whether the provider still refuses a transparent background to many accounts. Then it is only sent if a caller asks for it
   * by name. Default false.
   */
  readonly transparentBackgroundIsPreview?: boolean;
  /**
   * Whether a transparent background is made by cutting the object out of an opaque picture, so that the words should ask for a
   * plain ground all the same. Default false.
   */
  readonly transparentBackgroundIsCutOut?: boolean;
  /** Whether `background: "opaque"` can be requested. Default false. */
  readonly opaqueBackground?: boolean;
  /** Formats that can be requested; empty = the format cannot be chosen. */
  readonly formats: readonly ImageFormat[];
  /** How progress of a running job arrives. With `push`, `timeoutMs` limits the silence of a free job, not its time. */
  readonly progress: 'none' | 'poll' | 'push';
  /** Whether `locate` exists and works. */
  readonly locatable: boolean;
  /** Whether `cancel` exists. */
  readonly cancellable: boolean;
  /** Whether a submission may cost money. */
  readonly billable: boolean;
  /** The share of the list price that a submission costs. Default 1. */
  readonly priceShare?: number;
  /** How long a job may take by the provider's promise, in milliseconds: `timeoutMs` does not end it earlier. Default 0. */
  readonly jobLastsMs?: number;
  readonly limitSignal: LimitSignal;
  /**
   * How long to wait for the answer to a submission on the wire after the caller has aborted, in milliseconds. Default 5000.
   * 0 = the signal is passed on at once.
   */
  readonly submitAbortGraceMs?: number;
  /**
   * Further checks: returns one sentence for each thing that the provider would refuse (provider options, combinations). Pure,
   * without I/O; called before anything is sent.
   */
  readonly validate?: (request: ImageRequest) => readonly (Message | string)[];
}
