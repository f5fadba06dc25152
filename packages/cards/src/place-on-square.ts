import type { Box } from './components.ts';
import type { Axis } from './resample.ts';
import { resample } from './resample.ts';

/** What is placed, and where. */
interface Placement {
  /** RGBA. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** The object's box in these pixels. */
  readonly box: Box;
  /** Side of the square in pixels. */
  readonly side: number;
  /** Share of the side that the longest side of the box is to take. */
  readonly share: number;
}

/** Alpha below and above these is what resampling leaves beside an edge. */
const [leastAlpha, mostAlpha] = [8, 250];
/** Soft edges reach this far beyond the box, in source pixels. */
const reach = 3;

/**
 * Puts an object on a transparent square, scaled and centred by its box, and encodes it as PNG. The settings are fixed, so
 * that equal pixels give equal bytes.
 */
export async function placeOnSquare({ pixels, width, height, box, side, share }: Placement): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const scale = (share * side) / Math.max(box.right - box.left, box.bottom - box.top);
  const axis = (sourceSize: number, low: number, high: number): Axis => {
    const half = ((high - low) / 2 + reach) * scale;
    return {
      sourceSize,
      targetSize: side,
      scale,
      middle: (low + high) / 2,
      first: Math.max(0, Math.floor(side / 2 - half)),
      last: Math.min(side, Math.ceil(side / 2 + half)),
    };
  };
  const square = resample(pixels, axis(width, box.left, box.right), axis(height, box.top, box.bottom));
  for (let at = 3; at < square.length; at += 4) {
    const alpha = square[at]!;
    if (alpha < leastAlpha) square.fill(0, at - 3, at + 1);
    else if (alpha > mostAlpha) square[at] = 255;
  }
  const raw = { width: side, height: side, channels: 4 } as const;
  return sharp(square, { raw }).png({ compressionLevel: 6, adaptiveFiltering: true, palette: false }).toBuffer();
}
