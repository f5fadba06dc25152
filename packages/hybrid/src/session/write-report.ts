import { readFile } from 'node:fs/promises';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import { sessionDataOf } from '../assets/asset-record.ts';
import type { Manifest, ManifestAsset } from '../manifest/manifest.ts';
import { projectManifest } from '../manifest/project-manifest.ts';
import { renderSessionHtml, reportFileName } from '../output/session-html.ts';
import type { SessionFolder } from '../output/session-folder.ts';

/** Longest side of the pictures in a report, in pixels. */
const scenePixels = 768;
const otherPixels = 320;

interface KnownReport {
  readonly revision: number;
  readonly pictures: Map<string, string>;
}

/** Owner: the client. Key: session. Lifetime: the client's. A picture is made anew when its file's hash is another. */
const reports = new WeakMap<HybridContext, Map<string, KnownReport>>();

/**
 * Writes `session.html` when the session has changed since this client last did. It is made from what is stored and holds
 * nothing of its own, so a fault is only logged.
 */
export async function writeReport(context: HybridContext, sessionId: string): Promise<void> {
  try {
    await write(context, sessionId);
  } catch (error) {
    context.logger?.warn({ sessionId, error: String(error) }, 'session.html could not be written.');
  }
}

async function write(context: HybridContext, sessionId: string): Promise<void> {
  const record = await context.store.sessions.get(sessionId);
  const revision = record === undefined ? undefined : sessionDataOf(record).manifestRevision;
  if (record === undefined || revision === undefined) return;
  const own = reports.get(context) ?? new Map<string, KnownReport>();
  reports.set(context, own);
  const known = own.get(sessionId) ?? { revision: 0, pictures: new Map<string, string>() };
  if (known.revision === revision) return;
  own.set(sessionId, { ...known, revision });
  const assets = await context.store.sessions.assets(sessionId);
  const manifest = projectManifest(record, assets, revision, context.clock.now());
  const folder = folderOf(context, sessionId);
  folder.writeText(reportFileName, renderSessionHtml(manifest, await picturesOf(manifest, folder, known.pictures)));
}

async function picturesOf(
  manifest: Manifest,
  folder: SessionFolder,
  known: Map<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const pictures = new Map<string, string>();
  for (const asset of manifest.assets) {
    const { path, sha256 } = asset;
    if (path === null || sha256 === null) continue;
    const picture = known.get(sha256) ?? (await smallPicture(asset, folder.absolute(path)).catch(() => undefined));
    if (picture === undefined) continue;
    known.set(sha256, picture);
    pictures.set(path, picture);
  }
  return pictures;
}

async function smallPicture({ kind }: ManifestAsset, path: string): Promise<string> {
  const { default: sharp } = await import('sharp');
  const side = kind === 'scene-reference' ? scenePixels : otherPixels;
  const bytes = await sharp(await readFile(path))
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer();
  return `data:image/webp;base64,${bytes.toString('base64')}`;
}
