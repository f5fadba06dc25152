import { ImageError } from '@holodeck/core';
import { invalidRequest } from '@holodeck/core/backend';
import type { ImageSize, PreparedReference } from '@holodeck/core/backend';
import { labelPicture, readMetadata } from '@holodeck/core/labels';
import type sharpFactory from 'sharp';
import type { Sharp } from 'sharp';
import { decodeBmp } from './bmp.ts';
import { backendName } from '../hunyuan-options.ts';
import { say } from '../request-messages.ts';

type SharpFactory = typeof sharpFactory;

/** Limits of the service for reference pictures. */
export interface ReferenceEncoding {
  /** Each side, in pixels. */
  readonly minSide: number;
  readonly maxSide: number;
  /** One picture in base64, in bytes. */
  readonly maxBase64Bytes: number;
  /** All pictures in base64 together, in bytes: what the request's own limit leaves. */
  readonly maxTotalBase64Bytes: number;
  /** Formats that are taken as they are. */
  readonly mediaTypes: readonly string[];
  /** Whether pictures are padded to the request's ratio, because the output follows theirs. */
  readonly pad: boolean;
}

// A side that is rounded by a pixel does not change the ratio.
const ratioTolerance = 0.01;
// The output has about a megapixel, so more than this does not help where a picture is encoded again.
const maxEncodedSide = 2048;
// A small file can be a huge picture: this bounds the memory.
const maxPixels = 100_000_000;

/**
 * Reference pictures as base64, in order. The service draws in the ratio of the picture that it is given
 * (https://cloud.tencent.com/document/product/1668/124632), so a picture of another ratio is padded to the requested one.
 * The padding has the mean colour of the picture's rim, so that it adds no hard edge. Transparent pictures are laid on white.
 * Sides are brought into the service's limits, and what is too large becomes a JPEG, smaller if necessary. A picture that
 * fits already is sent byte for byte; another is given what it says about its making.
 * @throws {ImageError} kind `invalid-request`, outcome `not-submitted`, for a picture that cannot be read.
 */
export async function encodeReferences(
  references: readonly PreparedReference[],
  size: ImageSize,
  rule: ReferenceEncoding,
): Promise<readonly string[]> {
  const share = Math.floor(rule.maxTotalBase64Bytes / Math.max(1, references.length));
  const maxBytes = Math.floor((Math.min(rule.maxBase64Bytes, share) / 4) * 3) - 3;
  const encoded: string[] = [];
  for (const [index, reference] of references.entries()) {
    const bytes = await reference.read();
    encoded.push((await encode(bytes, reference, { index, size, rule, maxBytes })).toString('base64'));
  }
  return encoded;
}

interface Target {
  readonly index: number;
  readonly size: ImageSize;
  readonly rule: ReferenceEncoding;
  readonly maxBytes: number;
}

async function encode(bytes: Uint8Array, { mediaType }: PreparedReference, target: Target): Promise<Buffer> {
  const { rule, maxBytes } = target;
  const { default: sharp } = await import('sharp');
  const open = (): Sharp => {
    const bitmap = mediaType === 'image/bmp' ? decodeBmp(bytes) : undefined;
    return bitmap === undefined
      ? sharp(bytes, { limitInputPixels: maxPixels }).autoOrient()
      : sharp(bitmap.pixels, { raw: { width: bitmap.width, height: bitmap.height, channels: 3 } });
  };
  try {
    const { width, height, hasAlpha, orientation = 1 } = await open().metadata();
    const turned = orientation >= 5 ? { width: height, height: width } : { width, height };
    const fitting = frameFor(turned, target, rule.maxSide);
    const isFrame = fitting.width === width && fitting.height === height;
    const asItIs = isFrame && orientation === 1 && !hasAlpha && bytes.byteLength <= maxBytes;
    if (asItIs && rule.mediaTypes.includes(mediaType)) return Buffer.from(bytes);
    const flat = open().flatten({ background: '#ffffff' }).toColourspace('srgb');
    const frame = frameFor(turned, target, Math.min(rule.maxSide, maxEncodedSide));
    const metadata = readMetadata(bytes);
    const label = (encoded: Buffer): Buffer => Buffer.from(labelPicture(encoded, metadata));
    return await shrink(sharp, flat, turned, frame, target, { lossless: mediaType === 'image/png', label });
  } catch (error) {
    if (ImageError.isInstance(error)) throw error;
    throw unreadable(target.index, error);
  }
}

/** The size of the padded picture: the requested ratio around the whole picture, with sides inside the limits. */
function frameFor(picture: ImageSize, { size, rule }: Target, maxSide: number): ImageSize {
  const wanted = size.width / size.height;
  const ratio = picture.width / picture.height;
  let { width, height } = picture;
  if (rule.pad && Math.abs(ratio / wanted - 1) > ratioTolerance) {
    if (ratio < wanted) width = height * wanted;
    else height = width / wanted;
  }
  const scale = Math.min(1, maxSide / Math.max(width, height));
  const grown = Math.max(scale, rule.minSide / Math.min(width, height));
  const side = (value: number): number => Math.min(maxSide, Math.max(rule.minSide, Math.round(value * grown)));
  return { width: side(width), height: side(height) };
}

/** Encodes, and makes the picture smaller until it fits. */
async function shrink(
  sharp: SharpFactory,
  picture: Sharp,
  original: ImageSize,
  frame: ImageSize,
  { rule, maxBytes, index }: Target,
  { lossless, label }: { readonly lossless: boolean; readonly label: (encoded: Buffer) => Buffer },
): Promise<Buffer> {
  const rim = await rimColour(sharp, picture);
  for (let scale = 1; ; scale *= 0.75) {
    const width = Math.max(rule.minSide, Math.round(frame.width * scale));
    const height = Math.max(rule.minSide, Math.round(frame.height * scale));
    const fitted =
      width === original.width && height === original.height
        ? picture.clone()
        : picture.clone().resize({ width, height, fit: 'contain', background: rim });
    // One pass of pixels for all encodings of this size.
    const { data, info } = await fitted.removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const raw = { width: info.width, height: info.height, channels: info.channels };
    if (lossless && scale === 1) {
      const png = label(await sharp(data, { raw }).png().toBuffer());
      if (png.byteLength <= maxBytes) return png;
    }
    for (const quality of [95, 85]) {
      const jpeg = label(await sharp(data, { raw }).jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer());
      if (jpeg.byteLength <= maxBytes) return jpeg;
    }
    if (width === rule.minSide || height === rule.minSide) throw unreadable(index, new Error('too large'));
  }
}

/** The mean colour of the outermost pixels. */
async function rimColour(sharp: SharpFactory, picture: Sharp): Promise<{ r: number; g: number; b: number }> {
  const side = 32;
  const small = await picture.clone().resize(side, side, { fit: 'fill' }).removeAlpha().raw().toBuffer();
  const channels = small.length / (side * side);
  const sums = [0, 0, 0];
  let count = 0;
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      if (x > 0 && x < side - 1 && y > 0 && y < side - 1) continue;
      count += 1;
      for (let channel = 0; channel < 3; channel += 1) {
        sums[channel] =
          (sums[channel] ?? 0) + (small[(y * side + x) * channels + Math.min(channel, channels - 1)] ?? 0);
      }
    }
  }
  const [r = 0, g = 0, b = 0] = sums.map((sum) => Math.round(sum / count));
  return { r, g, b };
}

function unreadable(index: number, cause: unknown): ImageError {
  return invalidRequest(say('reference-bad', { number: index + 1 }), { backend: backendName, cause });
}
