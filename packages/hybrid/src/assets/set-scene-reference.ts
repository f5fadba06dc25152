import { createHash } from 'node:crypto';
import { inspectImage, maxPictureBytes, readRegularFile } from '@holodeck/core/backend';
import { labelPicture, readMetadata } from '@holodeck/core/labels';
import type { ImageWarning } from '@holodeck/core';
import type { Asset, MadeAsset } from './asset.ts';
import { assetLabels } from './asset-labels.ts';
import { say } from './asset-messages.ts';
import type { AssetSuccess } from './asset-result.ts';
import { resultOf } from './asset-result.ts';
import { sceneReferenceId } from './asset-spec.ts';
import { hashOf } from '../internal/canonical.ts';
import { invalidRequest } from '../internal/errors.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import { stageHolodeckLayout } from '../output/holodeck-layout.ts';
import { isPng, toPng } from '../output/png.ts';
import type { StagedFile } from '../output/session-folder.ts';
import { pathOf, staleFollowers } from './publish-image.ts';
import { publishSession } from '../session/session-publisher.ts';

/**
 * Makes the caller's picture the session's scene reference. No backend made it: it locks nothing, and stays valid
 * under any backend. Images that follow another reference become stale.
 *
 * @throws ImageError of kind `invalid-request` if it cannot be read or is not a whole picture.
 */
export async function setSceneReference(
  context: HybridContext,
  sessionId: string,
  picture: string | Uint8Array,
): Promise<AssetSuccess> {
  const bytes = typeof picture === 'string' ? await readPicture(picture) : picture;
  const label = typeof picture === 'string' ? picture : say('given-picture');
  const info = inspectImage(bytes);
  if (info === undefined) throw invalidRequest(say('not-a-picture', { picture: label }));
  if (!info.complete) throw invalidRequest(say('cut-off', { picture: label }));
  const png = isPng(bytes) ? bytes : labelPicture(await toPng(bytes), readMetadata(bytes));
  const folder = folderOf(context, sessionId);
  const path = pathOf(sceneReferenceId);
  const spec = { kind: 'imported-reference', sha256: sha256Of(bytes) } as const;
  const made: MadeAsset['made'] = {
    path,
    sha256: sha256Of(png),
    byteLength: png.byteLength,
    width: info.width,
    height: info.height,
    mediaType: 'image/png',
    backend: null,
    model: null,
    fingerprint: null,
    look: 'none',
    referenceSha256: null,
    labels: assetLabels(bytes, spec.sha256, png),
    source: 'imported',
    attempts: 0,
    gate: null,
    warnings: [],
    cost: { paidSubmissions: 0 },
    createdAtMs: context.clock.now(),
    makeKey: hashOf(spec),
    choiceEpoch: 0,
    variation: 0,
  };
  const staged: StagedFile[] = [await folder.stageBytes(png, path)];
  let asset: MadeAsset | undefined;
  let stale: readonly Asset[] = [];
  try {
    const [first] = staged as [StagedFile];
    if (context.layout === 'holodeck')
      staged.push(...(await stageHolodeckLayout(context, folder, sessionId, sceneReferenceId, first)));
    await publishSession(context, sessionId, (section) => {
      for (const file of staged) section.place(file);
      const now = context.clock.now();
      const { epoch } = section.session;
      const row = { sessionId, assetId: sceneReferenceId, epoch, state: 'current', updatedAtMs: now } as const;
      asset = { ...row, spec, variation: 0, gateRetries: 0, made };
      stale = staleFollowers(section, asset, now);
      const event = {
        type: 'asset',
        data: { assetId: sceneReferenceId, state: 'current', path, sha256: made.sha256, source: 'imported' },
      };
      return { session: section.session, assets: [asset, ...stale], events: [event] };
    });
  } finally {
    for (const file of staged) folder.discard(file);
  }
  if (asset === undefined) throw new TypeError('The publish section did not run.');
  const ids = stale.map(({ assetId }) => assetId).join(', ');
  const warnings: ImageWarning[] = ids === '' ? [] : [{ code: 'other', ...say('followers-stale', { ids }) }];
  return resultOf(context, asset, { warnings });
}

async function readPicture(path: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(path, maxPictureBytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalidRequest(say('unreadable', { path, reason: code ?? say('unknown-reason') }), error);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
