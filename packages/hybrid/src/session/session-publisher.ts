import { maxTextBytes, readRegularFile } from '@holodeck/core/backend';
import type { SessionRecord } from '@holodeck/core/stores';
import { assetOf, rowOf } from '../assets/asset.ts';
import type { Asset } from '../assets/asset.ts';
import type { StagedFile } from '../output/session-folder.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { manifestFileName } from '../manifest/manifest.ts';
import { projectManifest } from '../manifest/project-manifest.ts';
import { sessionDataOf, storedData } from './session-data.ts';

/** A session in a publish section. */
export interface SessionSection {
  readonly session: SessionRecord;
  readonly assets: readonly Asset[];
  /** Gives a staged file its name: `target`, or the one that it was staged for. */
  readonly place: (file: StagedFile, target?: string) => void;
}

/** What a session's publish section changes. */
export interface SessionChanges {
  readonly session?: Omit<SessionRecord, 'revision'>;
  readonly assets?: readonly Asset[];
  readonly events?: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[];
  /** Whether to write the manifest. Default true. */
  readonly manifest?: boolean;
}

/**
 * Runs a publish section and writes the manifest as its last step, so that records, files and manifest change together.
 * `work` is synchronous; returning undefined changes nothing. All of it is on disk when the promise resolves. A power loss before
 * that may leave the records ahead of the files: then the pictures are made again from the files that the driver keeps, at no cost,
 * and the manifest is written again.
 */
export async function publishSession(
  context: HybridContext,
  sessionId: string,
  work: (section: SessionSection) => SessionChanges | undefined,
): Promise<void> {
  const folder = folderOf(context, sessionId);
  await context.store.sessions.publish(sessionId, (section) => {
    const stored = section.assets.map(assetOf);
    const changes = work({
      session: section.session,
      assets: stored,
      place: (file, target) => folder.place(file, target),
    });
    if (changes === undefined) return {};
    const { assets = [], events = [] } = changes;
    const writes = { assets: assets.map(rowOf), events };
    const changed = { ...(changes.session ?? section.session), revision: section.session.revision };
    if (changes.manifest === false)
      return { ...writes, ...(changes.session === undefined ? {} : { session: changed }) };
    const data = sessionDataOf(changed);
    const manifestRevision = (data.manifestRevision ?? 0) + 1;
    const session = { ...changed, data: storedData({ ...data, manifestRevision }) };
    const manifest = projectManifest(session, merged(stored, assets), manifestRevision, context.clock.now());
    folder.writeText(manifestFileName, `${JSON.stringify(manifest, undefined, 2)}\n`);
    return { session, ...writes };
  });
  await folder.sync();
  context.hub.notify(sessionId);
}

/**
 * Writes the manifest again if its file is missing, damaged or older than the records: readers of the folder need it, and a run that
 * finds every asset in place would not write it. Faults are only logged: the manifest can be made again from the store.
 */
export async function restoreManifest(context: HybridContext, sessionId: string): Promise<void> {
  try {
    const record = await context.store.sessions.get(sessionId);
    const recorded = record === undefined ? undefined : sessionDataOf(record).manifestRevision;
    if (recorded === undefined) return;
    const file = folderOf(context, sessionId).absolute(manifestFileName);
    if ((await revisionIn(file)) < recorded) await publishSession(context, sessionId, () => ({}));
  } catch (error) {
    context.logger?.warn({ sessionId, error: String(error) }, 'The manifest of a session could not be written again.');
  }
}

/** The revision of a manifest; 0 if it is missing or damaged. */
async function revisionIn(file: string): Promise<number> {
  try {
    const manifest = JSON.parse(
      new TextDecoder().decode(await readRegularFile(file, maxTextBytes)),
    ) as Partial<Manifest> | null;
    return manifest?.revision ?? 0;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

function merged(stored: readonly Asset[], changed: readonly Asset[]): readonly Asset[] {
  const byId = new Map(stored.map((asset) => [asset.assetId, asset]));
  for (const asset of changed) byId.set(asset.assetId, asset);
  return [...byId.values()];
}
