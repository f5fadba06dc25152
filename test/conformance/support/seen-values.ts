import { createHash } from 'node:crypto';
import { inspectImage } from '@holodeck/core/backend';
import type { ImageSize } from '@holodeck/core/backend';
import type { SeenReference } from '@holodeck/conformance';
import sharp from 'sharp';

/** Reads `1024:768` and `1024x768`. */
export function readSize(text: unknown): ImageSize | undefined {
  const [, width, height] = /^(\d+)[:x](\d+)$/.exec(typeof text === 'string' ? text : '') ?? [];
  return width === undefined || height === undefined ? undefined : { width: Number(width), height: Number(height) };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A picture as it arrived, with the colour of its middle if it can be decoded here (BMP cannot). */
export async function seenReference(bytes: Uint8Array): Promise<SeenReference> {
  if (inspectImage(bytes)?.mediaType === 'image/bmp') return { bytes };
  const { width, height } = await sharp(bytes).metadata();
  const middle = { left: Math.floor(width / 2), top: Math.floor(height / 2), width: 1, height: 1 };
  const pixel = await sharp(bytes).extract(middle).removeAlpha().raw().toBuffer();
  const [red = 0, green = 0, blue = 0] = pixel;
  return { bytes, colour: [red, green, pixel.length < 3 ? red : blue] };
}

/** The fields of an object that are not undefined. */
export function present<T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}

/** A JSON object, or an empty one. */
export function jsonObject(bytes: Uint8Array | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes ?? '').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function textList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
