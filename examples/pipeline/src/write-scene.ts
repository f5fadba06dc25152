import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { NodeIO } from '@gltf-transform/core';
import { KHRMaterialsUnlit } from '@gltf-transform/extensions';
import { readManifest } from '@holodeck/hybrid';
import type { ManifestAsset } from '@holodeck/hybrid';

import { readPicture } from './picture.ts';
import type { Picture } from './picture.ts';
import { placeCards } from './place-cards.ts';
import { createSceneDocument } from './scene-document.ts';
import type { ObjectSpace } from './scene-objects.ts';

/** What was written. */
export interface WrittenScene {
  readonly path: string;
  /** Ids of the objects in it. */
  readonly objects: readonly string[];
}

type AssetWithFile = ManifestAsset & { readonly path: string };

/** True if the picture exists and belongs to the session's current style. */
function isUsable(asset: ManifestAsset): asset is AssetWithFile {
  return asset.state === 'current' && asset.path !== null;
}

/**
 * Writes `scene.glb` into a session's folder, from its manifest alone: the scene reference as a backdrop, and the card of
 * each object that has one, in the size from `spaces` (otherwise a metre).
 *
 * @throws Error if the session has no scene reference.
 */
export async function writeScene(
  sessionFolder: string,
  spaces: ReadonlyMap<string, ObjectSpace>,
): Promise<WrittenScene> {
  const manifest = await readManifest(sessionFolder);
  const usable = manifest.assets.filter(isUsable);
  const referenceAsset = usable.find(({ kind }) => kind === 'scene-reference');
  if (referenceAsset === undefined) {
    throw new Error(`The session ${manifest.sessionId} has no scene reference: make it before the scene.`);
  }
  const cards = new Map<string, Picture>();
  for (const asset of usable) {
    if (asset.kind === 'card' && asset.objectId !== undefined) {
      cards.set(asset.objectId, await readPicture(sessionFolder, asset));
    }
  }
  const arrangement = placeCards(
    [...cards].map(([objectId, { box }], index) => ({
      objectId,
      aspect: box.width / box.height,
      space: spaces.get(objectId) ?? { width: 1, height: 1, elevation: 0, order: index },
    })),
  );
  const reference = await readPicture(sessionFolder, referenceAsset);
  const document = createSceneDocument({ manifest, reference, cards, arrangement });
  const bytes = await new NodeIO().registerExtensions([KHRMaterialsUnlit]).writeBinary(document);
  const path = join(sessionFolder, 'scene.glb');
  // Replaced as a whole, because a viewer may have the old one open.
  await writeFile(`${path}.part`, bytes);
  await rename(`${path}.part`, path);
  return { path, objects: arrangement.cards.map(({ objectId }) => objectId) };
}
