/** The kinds of image that are recognised. */
export type ImageMediaType = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif' | 'image/bmp' | 'image/tiff';

/** What the bytes of a file say about it. Nothing is decoded, so a header that promises a huge picture costs nothing. */
export interface ImageInfo {
  readonly mediaType: ImageMediaType;
  /** In pixels, at least 1. */
  readonly width: number;
  /** In pixels, at least 1. */
  readonly height: number;
  /** Whether the file can hold transparency: an alpha channel, or a colour or palette that counts as transparent. */
  readonly hasAlpha: boolean;
  /** Whether the file is whole: its own structure reaches its end, and checksums, where the format has them, are right. */
  readonly complete: boolean;
}

/** What a parser has found so far; the size is 0 until it is known. */
export interface ImageFacts {
  width: number;
  height: number;
  hasAlpha: boolean;
  complete: boolean;
}
