import type { ImageFormat, ImageSizeInput, ProviderOptions, ReferenceInput } from '@holodeck/core';
import type { CardView } from './assets/card-views.ts';

interface CommonRequest {
  /** A look in words, such as `"watercolour"`. */
  readonly style?: string;
  /** What must not be in the picture; becomes part of the prompt if the backend has no parameter for it. */
  readonly negativePrompt?: string;
  /** Default 1024x1024. */
  readonly size?: ImageSizeInput;
  /**
   * Whole number. Dropped with a warning if the backend takes no seed. Default: derived from session and asset, and
   * recorded.
   */
  readonly seed?: number;
  /** By backend name; options of other backends are ignored. */
  readonly providerOptions?: Readonly<Record<string, ProviderOptions>>;
}

/** What `generateSceneReference` takes. */
export interface SceneReferenceRequest extends CommonRequest {
  readonly sessionId: string;
  /** The scene in one or more sentences, in any language; Chinese gets a Chinese prompt, other languages an English one. */
  readonly sceneText: string;
  /** The views that its cards will have: a backend that cannot make them is refused before the reference is paid for. */
  readonly views?: readonly CardView[];
}

/** One object of a scene. Its own `style` overrides the session's. */
export interface SceneObject extends CommonRequest {
  /** 1-64 letters of any script, digits, `-`, `_` and inner dots; names the card's file. See `objectIdFromName`. */
  readonly id: string;
  readonly name: string;
  readonly description?: string;
}

/** What `generateObjectCards` takes. */
export interface ObjectCardsRequest {
  readonly sessionId: string;
  readonly objects: readonly SceneObject[];
  /**
   * The sides of each object, with the front among them: the front card is made first, the others as edits of it, each a paid
   * image of its own. Refused where the backend does not take the front card and the scene reference as pictures to follow. Default: the front alone.
   */
  readonly views?: readonly CardView[];
  /** Makes cards, with a warning on each, even if the session has no current scene reference. Default false: they are refused. */
  readonly withoutReference?: boolean;
  /** For objects without one. Default: the session's, which `generateSceneReference` sets. */
  readonly style?: string;
}

/** What `generateObjectCard` takes. */
export interface ObjectCardRequest {
  readonly sessionId: string;
  readonly object: SceneObject;
  /** See `ObjectCardsRequest`. */
  readonly withoutReference?: boolean;
  readonly style?: string;
}

/** What `session.generateImage` takes: any image that must have the session's look. */
export interface ImageAssetRequest extends CommonRequest {
  /** Names the file; the rule is that of object ids. Default: a hash of the request. */
  readonly id?: string;
  readonly prompt: string;
  /** Whether to send the scene reference, if the backend accepts one. Default true. */
  readonly followReference?: boolean;
  /** Further pictures, by path. */
  readonly references?: readonly ReferenceInput[];
  readonly background?: 'transparent' | 'opaque';
  readonly format?: ImageFormat;
}
