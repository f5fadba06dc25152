import { stat } from 'node:fs/promises';
import type { AssetRecord, PublishSection, SessionRecord } from '@holodeck/core/stores';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import { sessionDataOf } from '../assets/asset-record.ts';
import { manifestFileName } from '../manifest/manifest.ts';
import { projectManifest } from '../manifest/project-manifest.ts';
import { storedData } from '../lock/lock-records.ts';

/** What a session's publish section changes. */
export interface SessionChanges {
  readonly session?: Omit<SessionRecord, 'revision'>;
  readonly assets?: readonly AssetRecord[];
  readonly events?: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[];
  /** Whether the manifest is written anew. Default true. */
  readonly manifest?: boolean;
}

/**
 * Runs a publish section and writes the manifest as its last step, so that records, files and manifest change together.
 * `work` is synchronous; returning undefined changes nothing.
 */
export async function publishSession(
  context: HybridContext,
  sessionId: string,
  work: (section: PublishSection) => SessionChanges | undefined,
): Promise<PublishSection> {
  const folder = folderOf(context, sessionId);
  const after = await context.store.sessions.publish(sessionId, (section) => {
    const changes = work(section);
    if (changes === undefined) return {};
    const changed = { ...(changes.session ?? section.session), revision: section.session.revision };
    if (changes.manifest === false) {
      return {
        ...(changes.session === undefined ? {} : { session: changed }),
        assets: changes.assets ?? [],
        events: changes.events ?? [],
      };
    }
    const data = sessionDataOf(changed);
    const manifestRevision = (data.manifestRevision ?? 0) + 1;
    const session = { ...changed, data: storedData({ ...data, manifestRevision }) };
    const manifest = projectManifest(
      session,
      merged(section.assets, changes.assets ?? []),
      manifestRevision,
      context.clock.now(),
    );
    folder.writeText(manifestFileName, `${JSON.stringify(manifest, undefined, 2)}\n`);
    return { session, assets: changes.assets ?? [], events: changes.events ?? [] };
  });
  context.hub.notify(sessionId);
  return after;
}

/**
 * Writes the manifest again when its file is gone: whoever reads the folder needs it, and another run that finds every asset
 * in place would change nothing. A fault is only logged, since nothing is lost: the manifest holds nothing of its own.
 */
export async function restoreManifest(context: HybridContext, sessionId: string): Promise<void> {
  try {
    const record = await context.store.sessions.get(sessionId);
    if (record === undefined || sessionDataOf(record).manifestRevision === undefined) return;
    const file = folderOf(context, sessionId).absolute(manifestFileName);
    const isGone = await stat(file).then(
      () => false,
      (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT',
    );
    if (isGone) await publishSession(context, sessionId, () => ({}));
  } catch (error) {
    context.logger?.warn({ sessionId, error: String(error) }, 'The manifest of a session could not be written again.');
  }
}

function merged(stored: readonly AssetRecord[], changed: readonly AssetRecord[]): readonly AssetRecord[] {
  const byId = new Map(stored.map((asset) => [asset.assetId, asset]));
  for (const asset of changed) byId.set(asset.assetId, asset);
  return [...byId.values()];
}
