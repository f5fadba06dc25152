import { sceneReferenceId } from '../assets/asset-spec.ts';
import { assetsOf } from '../assets/asset.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import type { SessionFolder, StagedFile } from './session-folder.ts';

/**
 * Further files under the names of the original project (`scene_ref.png`, `object_cards/<id>.png` and `.json`), so that
 * its later stages find their input. Staged: they get their names in the publish section.
 *
 * @see https://github.com/LimbusSpace/holodeck-gemini
 */
export async function stageHolodeckLayout(
  context: HybridContext,
  folder: SessionFolder,
  sessionId: string,
  assetId: string,
  picture: StagedFile,
): Promise<readonly StagedFile[]> {
  if (assetId === sceneReferenceId) return [await folder.stage(picture.temporary, 'scene_ref.png')];
  const spec = (await assetsOf(context, sessionId)).find((asset) => asset.assetId === assetId)?.spec;
  // The original project has one card for each object.
  if (spec?.kind !== 'card' || spec.view !== undefined) return [];
  const style = spec.style ?? (await context.store.sessions.get(sessionId))?.data['style'] ?? '';
  const description = {
    object_id: spec.objectId,
    name: spec.name,
    category: '',
    visual_description: spec.description,
    size: spec.size ?? '1024x1024',
    style,
  };
  return [
    await folder.stage(picture.temporary, `object_cards/${spec.objectId}.png`),
    await folder.stageBytes(
      Buffer.from(`${JSON.stringify(description, undefined, 2)}\n`),
      `object_cards/${spec.objectId}.json`,
    ),
  ];
}
