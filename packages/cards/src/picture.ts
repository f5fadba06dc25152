/** A decoded picture, four bytes a pixel in sRGB, not premultiplied. */
export interface Picture {
  /** Of `pixels`. */
  readonly width: number;
  readonly height: number;
  /** RGBA, row by row. */
  readonly pixels: Uint8Array;
  /** Whether the file has an alpha channel, even an opaque one. */
  readonly hasAlpha: boolean;
  /** Share of pixels that are fully transparent (alpha 0). */
  readonly transparentShare: number;
  /** Of the file, after applying its orientation tag; larger than `width` and `height` if it was reduced for measuring. */
  readonly fileWidth: number;
  readonly fileHeight: number;
  /** As the decoder calls it: `png`, `jpeg`, `webp`, ... */
  readonly format: string;
  readonly byteLength: number;
}

/** Larger pictures are reduced to this side before they are measured; consumers look at 512 to 1024 pixels. */
const workingSide = 2048;

/** Pictures with more pixels than this are refused rather than decoded. */
const mostPixels = 100_000_000;

/** Decodes a picture; undefined if the bytes are not a whole picture. Loads sharp on first use. */
export async function decodePicture(bytes: Uint8Array): Promise<Picture | undefined> {
  const { default: sharp } = await import('sharp');
  try {
    const input = sharp(bytes, { failOn: 'warning', limitInputPixels: mostPixels });
    const { width, height, autoOrient, hasAlpha, format } = await input.metadata();
    const large = Math.max(width, height) > workingSide;
    const upright = input.autoOrient();
    const sized = large
      ? upright.resize({ width: workingSide, height: workingSide, fit: 'inside', withoutEnlargement: true })
      : upright;
    const { data, info } = await sized
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return {
      width: info.width,
      height: info.height,
      pixels,
      hasAlpha,
      transparentShare: hasAlpha ? shareOfTransparent(pixels) : 0,
      fileWidth: autoOrient.width,
      fileHeight: autoOrient.height,
      format,
      byteLength: bytes.byteLength,
    };
  } catch {
    return undefined;
  }
}

function shareOfTransparent(pixels: Uint8Array): number {
  let count = 0;
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] === 0) count += 1;
  return count / (pixels.length / 4);
}
