import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ManifestAsset } from '@holodeck/hybrid';
import sharp from 'sharp';

/** A picture of the session, and where the object is in it. */
export interface Picture {
  readonly asset: ManifestAsset;
  /** The unchanged file, with the hash of the manifest. */
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly hasAlpha: boolean;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** The part that is not transparent, in pixels; the whole picture if it has no alpha. */
  readonly box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
}

/** Pixels less opaque than this (of 255) are a soft edge or a shadow's rim, and do not count. */
const visibleAlpha = 8;

/**
 * Reads an asset's picture and finds the object in it.
 *
 * @throws Error if the whole picture is transparent.
 */
export async function readPicture(sessionFolder: string, asset: ManifestAsset & { path: string }): Promise<Picture> {
  const bytes = await readFile(join(sessionFolder, asset.path));
  const { format, width, height, hasAlpha } = await sharp(bytes).metadata();
  const whole = { left: 0, top: 0, width, height };
  const box = hasAlpha ? await visibleBox(bytes) : whole;
  if (box === undefined) throw new Error(`${asset.path} is completely transparent: generate ${asset.id} again.`);
  return { asset, bytes, mediaType: `image/${format}`, hasAlpha, width, height, box };
}

async function visibleBox(bytes: Uint8Array): Promise<Picture['box'] | undefined> {
  const { data, info } = await sharp(bytes).extractChannel('alpha').raw().toBuffer({ resolveWithObject: true });
  let [left, top, right, bottom] = [info.width, info.height, -1, -1];
  for (let y = 0; y < info.height; y += 1) {
    for (let x = 0; x < info.width; x += 1) {
      if ((data[y * info.width + x] ?? 0) < visibleAlpha) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}
