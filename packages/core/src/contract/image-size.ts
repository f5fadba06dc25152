/** Width and height in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Accepted spellings of a size: an object, `"1024x1024"`, or Tencent's `"1024:1024"`. */
export type ImageSizeInput = ImageSize | string;
