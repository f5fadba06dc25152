import { aigcBlock, labelPicture } from '@holodeck/core/labels';
import type { LabelOptions } from '../label-options.ts';
import type { Manifest, ManifestAsset } from '../manifest/manifest.ts';

/** All lines about pictures together have at most so many bytes; those that do not fit are left out. */
const mostIngredientBytes = 49_152;

/**
 * The contact sheet with its label: a composite, with a line of JSON for each picture on it. A file has one AIGC block: the
 * producer's, else that of the first picture that has one.
 */
export function labelSheet(sheet: Uint8Array, manifest: Manifest, label: LabelOptions | undefined): Uint8Array {
  const { sessionId, revision, assets } = manifest;
  const shown = assets.filter(({ state, path }) => state !== 'superseded' && path !== null);
  const carried = shown.find(({ labels }) => labels?.file.aigc !== undefined)?.labels?.file.aigc;
  if (shown.every(({ backend }) => backend === null)) {
    // Pictures of the caller: only what they say themselves is known.
    return labelPicture(sheet, carried === undefined ? {} : { aigcText: JSON.stringify(carried) });
  }
  const aigc = label === undefined ? carried : aigcBlock(label.producer, `${sessionId}-${revision}`);
  return labelPicture(
    sheet,
    {},
    {
      digitalSourceType: 'compositeWithTrainedAlgorithmicMedia',
      ...(manifest.backend === null ? {} : { backend: manifest.backend }),
      ...(manifest.model === null ? {} : { model: manifest.model }),
      ...(aigc === undefined ? {} : { aigc }),
      ingredients: fitting(shown.map(ingredient)),
    },
  );
}

function ingredient({ id, backend, model, jobId, labels }: ManifestAsset): string {
  const { aigc, digitalSourceType } = labels?.file ?? {};
  return JSON.stringify({ id, backend, model, jobId, digitalSourceType, aigc });
}

function fitting(lines: readonly string[]): readonly string[] {
  let room = mostIngredientBytes;
  return lines.filter((line) => {
    const length = Buffer.byteLength(line);
    if (length > room) return false;
    room -= length;
    return true;
  });
}
