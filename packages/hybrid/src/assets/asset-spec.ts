import type { ImageFormat, ImageSizeInput, ProviderOptions, ReferenceRole } from '@holodeck/core';
import type { CardView } from './card-views.ts';

/** Fields of every asset. The store keeps them, so that it can be made again without its caller. */
interface CommonSpec {
  /** A look in words. Cards without one follow the session's. */
  readonly style?: string;
  readonly negativePrompt?: string;
  readonly size?: ImageSizeInput;
  readonly seed?: number;
  /** By backend name. */
  readonly providerOptions?: Readonly<Record<string, ProviderOptions>>;
}

/** The one picture that sets the session's look. */
export interface SceneReferenceSpec extends CommonSpec {
  readonly kind: 'scene-reference';
  readonly text: string;
}

/** A scene reference from the caller: never made again, and valid with any backend. */
export interface ImportedReferenceSpec {
  readonly kind: 'imported-reference';
  /** Of the caller's bytes; lowercase hex. */
  readonly sha256: string;
}

/** One object, isolated, for an image-to-3D model. */
export interface CardSpec extends CommonSpec {
  readonly kind: 'card';
  readonly objectId: string;
  readonly name: string;
  readonly description: string;
  /** A further side, made as an edit of the front card; absent = the front card. */
  readonly view?: Exclude<CardView, 'front'>;
}

/** Any other image that must have the session's look: a texture, a background. */
export interface ImageSpec extends CommonSpec {
  readonly kind: 'image';
  readonly imageId: string;
  readonly prompt: string;
  /** Whether to send the scene reference, if the backend accepts one. */
  readonly followReference: boolean;
  readonly references?: readonly { readonly path: string; readonly role: ReferenceRole }[];
  readonly background?: 'transparent' | 'opaque';
  readonly format?: ImageFormat;
}

/** What the caller wants of one asset, plain JSON. */
export type AssetSpec = SceneReferenceSpec | ImportedReferenceSpec | CardSpec | ImageSpec;

/** Specs from which a backend makes an image. */
export type MakeableSpec = Exclude<AssetSpec, ImportedReferenceSpec>;

/** Id of the session's scene reference among its assets. */
export const sceneReferenceId = 'scene-reference';

/** Id of an object's card among the session's assets, or of one of its further views. */
export function cardAssetId(objectId: string, view?: CardSpec['view']): string {
  return view === undefined ? `card/${objectId}` : `card/${objectId}/${view}`;
}

/** Id of another image among the session's assets. */
export function imageAssetId(imageId: string): string {
  return `image/${imageId}`;
}

/** The asset that a spec is about. */
export function assetIdOf(spec: AssetSpec): string {
  if (spec.kind === 'card') return cardAssetId(spec.objectId, spec.view);
  return spec.kind === 'image' ? imageAssetId(spec.imageId) : sceneReferenceId;
}
