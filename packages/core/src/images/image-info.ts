/** The kinds of image that are recognised. */
export type ImageMediaType = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif' | 'image/bmp' | 'image/tiff';

/** What the bytes of a file show. Nothing is decoded, so a header that promises a huge picture costs nothing. */
export interface ImageInfo {
  readonly mediaType: ImageMediaType;
  /** In pixels, at least 1. */
  readonly width: number;
  /** In pixels, at least 1. */
  readonly height: number;
  /** Whether the file can be transparent: it has an alpha channel or a transparent colour or palette. */
  readonly hasAlpha: boolean;
  /** Whether the file is complete: its structure reaches the end, and its checksums, if any, are right. */
  readonly complete: boolean;
}

/** What a parser has found so far; the size is 0 until known. */
export interface ImageFacts {
  width: number;
  height: number;
  hasAlpha: boolean;
  complete: boolean;
}
