import type { ImageSize, ImageSizeInput } from './image-size.ts';

/** File formats that can be requested. The result shows the real format, from its bytes. */
export type ImageFormat = 'png' | 'jpeg' | 'webp';

/** The use of a reference picture: `style` = a look to follow, `init` = a picture to start from. */
export type ReferenceRole = 'style' | 'init';

/** A reference picture: exactly one of `path` and `bytes`. */
export interface ReferenceInput {
  /** A local file, read and hashed before anything is sent. */
  readonly path?: string;
  /** The encoded picture (PNG, JPEG, WebP, ...). */
  readonly bytes?: Uint8Array;
  /** Default `"style"`. */
  readonly role?: ReferenceRole;
}

/** Options of one provider, passed on unchanged after the backend has checked them. */
export type ProviderOptions = Readonly<Record<string, unknown>>;

/** An image request. Only `prompt` is required. */
export interface ImageRequestInput {
  /** Well-formed Unicode (no lone surrogates), not empty; the backend limits the length. */
  readonly prompt: string;
  /** What must not be in the picture. Refused if the backend does not support it. */
  readonly negativePrompt?: string;
  /** Default 1024x1024. */
  readonly size?: ImageSizeInput;
  /** Integer. Refused if the backend has no seed. */
  readonly seed?: number;
  /** A look in words, such as `"watercolour"`. Refused if the backend does not support it. */
  readonly style?: string;
  readonly references?: readonly ReferenceInput[];
  /** `"transparent"` requests a real alpha channel. Default: the provider's own. */
  readonly background?: 'transparent' | 'opaque';
  /** Default: the provider's own. */
  readonly format?: ImageFormat;
  /** Images of one submission, at most the backend's maximum. Default 1. */
  readonly count?: number;
  /** By backend name: `{ hunyuan: { ... } }`. Options of other backends are ignored. */
  readonly providerOptions?: Readonly<Record<string, ProviderOptions>>;
}

/** A reference that has been read, checked and hashed. */
export interface PreparedReference {
  readonly role: ReferenceRole;
  /** Lowercase hex SHA-256 of the bytes. */
  readonly sha256: string;
  readonly mediaType: string;
  readonly width: number;
  readonly height: number;
  readonly byteLength: number;
  /** The absolute path, if the reference is a file. */
  readonly path?: string;
  /**
   * The bytes, read again from `path` if there is one. Throws an `ImageError` of kind `invalid-request` if the file has changed
   * since it was hashed.
   */
  read(): Promise<Uint8Array>;
}

/**
 * A request that has passed every check against the backend's capabilities, for `submit`. Fields that the backend does not
 * declare are absent.
 */
export interface ImageRequest {
  readonly prompt: string;
  readonly negativePrompt?: string;
  readonly size: ImageSize;
  readonly seed?: number;
  readonly style?: string;
  readonly references: readonly PreparedReference[];
  readonly background?: 'transparent' | 'opaque';
  readonly format?: ImageFormat;
  readonly count: number;
  /** The options of this backend only. */
  readonly providerOptions: ProviderOptions;
}
