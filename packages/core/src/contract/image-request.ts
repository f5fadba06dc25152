import type { ImageSize, ImageSizeInput } from './image-size.ts';

/** File formats that a request may ask for. What really came back stands in the result, judged by its bytes. */
export type ImageFormat = 'png' | 'jpeg' | 'webp';

/** How a reference picture is used: `style` = a look to follow, `init` = a picture to start from. */
export type ReferenceRole = 'style' | 'init';

/** A reference picture as the caller gives it: exactly one of `path` and `bytes`. */
export interface ReferenceInput {
  /** A local file. It is read and hashed before anything is sent. */
  readonly path?: string;
  /** The encoded picture itself (PNG, JPEG, WebP, ...). */
  readonly bytes?: Uint8Array;
  /** Default `"style"`. */
  readonly role?: ReferenceRole;
}

/** Options of one provider, passed on as they are after the backend has checked them. */
export type ProviderOptions = Readonly<Record<string, unknown>>;

/** What a caller asks for. Only `prompt` is required. */
export interface ImageRequestInput {
  /** The words. Well-formed Unicode (no lone surrogates), not empty; the length limit is the backend's. */
  readonly prompt: string;
  /** What must not be in the picture. Refused where the backend has no such parameter. */
  readonly negativePrompt?: string;
  /** Default 1024x1024. */
  readonly size?: ImageSizeInput;
  /** Integer. Refused where the backend has no seed. */
  readonly seed?: number;
  /** A look in words, such as `"watercolour"`. Refused where the backend takes no style. */
  readonly style?: string;
  readonly references?: readonly ReferenceInput[];
  /** `"transparent"` asks for a real alpha channel. Default: the provider's own. */
  readonly background?: 'transparent' | 'opaque';
  /** Default: the provider's own. */
  readonly format?: ImageFormat;
  /** Images of one submission, default 1. More than the backend's maximum is refused. */
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
  /** Set when the reference came from a file (absolute path). */
  readonly path?: string;
  /**
   * The bytes. Read anew from `path` where there is one; throws an `ImageError` of kind `invalid-request` when the file
   * has changed since it was hashed.
   */
  read(): Promise<Uint8Array>;
}

/**
 * A request that has passed every check against the backend's capabilities: what `submit` receives. Fields that the
 * backend does not declare are absent.
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
