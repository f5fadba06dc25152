import { aigcBlock, labelPicture, readLabels, readMetadata } from '@holodeck/core/labels';
import type { DerivedLabel } from '@holodeck/core/labels';
import type { HybridContext } from '../internal/hybrid-context.ts';
import type { AssetLabels, MadePicture } from './asset.ts';

/** Version of what derived pictures say. Cards of another version are derived again from their originals. */
export const labelVersion = 1;

/** How a picture was made. */
type Making = Pick<MadePicture, 'backend' | 'model' | 'jobId' | 'sha256'>;

/**
 * A picture derived from another, with what its source says, and with its own label: IPTC's kind of source, backend, model, job,
 * and the producer's AIGC block if there is one. Where no backend made the source, it is the caller's, and nobody here knows
 * how it was made: only what it says itself goes along.
 */
export function labelDerived(
  { label }: Pick<HybridContext, 'label'>,
  derived: Uint8Array,
  source: Uint8Array,
  { backend, model, jobId, sha256 }: Making,
  digitalSourceType: DerivedLabel['digitalSourceType'] = 'trainedAlgorithmicMedia',
): Uint8Array {
  if (backend === null) return labelPicture(derived, readMetadata(source));
  return labelPicture(derived, readMetadata(source), {
    digitalSourceType,
    backend,
    ...(model === null ? {} : { model }),
    ...(jobId === undefined ? {} : { jobId }),
    // A service that answers at once has no job: the picture's hash is a number of its own as well.
    ...(label === undefined ? {} : { aigc: aigcBlock(label.producer, jobId ?? sha256) }),
  });
}

/** What an image's files say. */
export function assetLabels(source: Uint8Array, sourceSha256: string, file: Uint8Array): AssetLabels {
  return { source: { ...readLabels(source), sha256: sourceSha256 }, file: readLabels(file) };
}
