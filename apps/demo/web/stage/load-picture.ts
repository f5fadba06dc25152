import { inflate } from './inflate.ts';
import type { Mesh } from './inflate.ts';
import { maskOf, removeGround } from './silhouette.ts';

/** A card's body, and the picture for its surface. */
export interface Body {
  readonly mesh: Mesh;
  readonly picture: OffscreenCanvas;
}

/** The scene reference, and its colours for the surroundings. */
export interface Backdrop {
  readonly picture: OffscreenCanvas;
  /** CSS colours: of the lowest and the highest part. */
  readonly ground: string;
  readonly sky: string;
}

const cardSide = 512;
const backdropSide = 1024;
/** Points of the longer side of a silhouette. */
const maskSide = 52;
const blurPixels = 3;
/** Distances over which colours are carried beyond the silhouette, in pixels. */
const bleeds = [2, 4, 8, 16, 32] as const;

/** Loads a card and inflates it. @throws if the picture cannot be loaded. */
export async function loadBody(url: string): Promise<Body> {
  const picture = await loadPicture(url, cardSide);
  const pixels = pencil(picture).getImageData(0, 0, picture.width, picture.height);
  removeGround(pixels);
  pencil(picture).putImageData(pixels, 0, 0);
  return { mesh: inflate(maskOf(pixels, maskSide)), picture: withoutEdge(picture) };
}

/** Loads the scene reference. @throws if the picture cannot be loaded. */
export async function loadBackdrop(url: string): Promise<Backdrop> {
  const picture = await loadPicture(url, backdropSide);
  const tiny = canvasOf(picture, 1, 8);
  const colorAt = (row: number): string =>
    `rgb(${[...pencil(tiny).getImageData(0, row, 1, 1).data.subarray(0, 3)].join(',')})`;
  // As a camera would see it that looks at the objects.
  const blurred = canvasOf(picture, picture.width, picture.height);
  const context = pencil(blurred);
  context.filter = `blur(${blurPixels}px)`;
  context.drawImage(picture, 0, 0);
  return { picture: blurred, ground: colorAt(7), sky: colorAt(0) };
}

/** A picture as a JPEG. */
export async function jpegOf(picture: OffscreenCanvas): Promise<Uint8Array<ArrayBuffer>> {
  const blob = await picture.convertToBlob({ type: 'image/jpeg', quality: 0.88 });
  return new Uint8Array(await blob.arrayBuffer());
}

async function loadPicture(url: string, longest: number): Promise<OffscreenCanvas> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const bitmap = await createImageBitmap(await response.blob());
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = canvasOf(bitmap, Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
  bitmap.close();
  return canvas;
}

/** Carries the colours at the edge outwards, so that no transparent pixel shows on the rim of the body. */
function withoutEdge(cutOut: OffscreenCanvas): OffscreenCanvas {
  const filled = canvasOf(cutOut, cutOut.width, cutOut.height);
  const context = pencil(filled);
  context.globalCompositeOperation = 'destination-over';
  for (const bleed of bleeds)
    for (const [x, y] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
      [0.7, 0.7],
      [-0.7, 0.7],
      [0.7, -0.7],
      [-0.7, -0.7],
    ] as const)
      context.drawImage(cutOut, x * bleed, y * bleed);
  context.fillStyle = '#888';
  context.fillRect(0, 0, filled.width, filled.height);
  return filled;
}

function canvasOf(picture: OffscreenCanvas | ImageBitmap, width: number, height: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = pencil(canvas);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}

function pencil(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('This browser does not draw.');
  return context;
}
