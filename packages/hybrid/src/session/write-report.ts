import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import { assetsOf } from '../assets/asset.ts';
import { labelDerived } from '../assets/asset-labels.ts';
import type { Manifest, ManifestAsset } from '../manifest/manifest.ts';
import { projectManifest } from '../manifest/project-manifest.ts';
import { renderContactSheet } from '../output/contact-sheet.ts';
import { labelSheet } from '../output/label-sheet.ts';
import { contactSheetFileName, reportFileName } from '../output/report-files.ts';
import { renderSessionHtml } from '../output/session-html.ts';
import { sha256OfFile } from '../output/session-folder.ts';
import type { SessionFolder } from '../output/session-folder.ts';
import { restoreManifest } from './session-publisher.ts';
import { sessionDataOf } from './session-data.ts';

/** Longest side of the pictures in a report, in pixels. */
const scenePixels = 768;
const otherPixels = 320;

/** The report that this client last wrote for a session. */
interface KnownReport {
  revision: number;
  sheetSha256?: string;
  /** Small pictures by the hash of their files. */
  readonly pictures: Map<string, Buffer>;
  /** Reports of one session are written in turn, so that the newest comes last. */
  turn: Promise<void>;
}

/** Owner: the client. Key: session. Lifetime: the client's. A picture is made again when its file's hash changes. */
const reports = new WeakMap<HybridContext, Map<string, KnownReport>>();

/** At the end of a call: writes the manifest if it is missing, and the report if it is wanted. */
export async function bringUpToDate(context: HybridContext, sessionId: string): Promise<void> {
  await restoreManifest(context, sessionId);
  if (context.report) await writeReport(context, sessionId);
}

/**
 * Writes `session.html` and `contact-sheet.png` if the session has changed since this client last wrote them, or if one of them
 * is missing or damaged. Faults are only logged: both files can be made again from the store.
 */
async function writeReport(context: HybridContext, sessionId: string): Promise<void> {
  const own = reports.get(context) ?? new Map<string, KnownReport>();
  reports.set(context, own);
  const known = own.get(sessionId) ?? { revision: 0, pictures: new Map(), turn: Promise.resolve() };
  own.set(sessionId, known);
  known.turn = known.turn.then(() =>
    write(context, sessionId, known).catch((error: unknown) => {
      context.logger?.warn({ sessionId, error: String(error) }, 'The report of a session could not be written.');
    }),
  );
  await known.turn;
}

async function write(context: HybridContext, sessionId: string, known: KnownReport): Promise<void> {
  const record = await context.store.sessions.get(sessionId);
  const revision = record === undefined ? undefined : sessionDataOf(record).manifestRevision;
  if (record === undefined || revision === undefined) return;
  const folder = folderOf(context, sessionId);
  if (known.revision === revision && (await isWhole(folder, known))) return;
  const assets = await assetsOf(context, sessionId);
  const manifest = projectManifest(record, assets, revision, context.clock.now());
  const pictures = await picturesOf(context, manifest, folder, known.pictures);
  await folder.write(Buffer.from(renderSessionHtml(manifest, dataUris(pictures))), reportFileName);
  const sheet = labelSheet(await renderContactSheet(manifest, pictures), manifest, context.label);
  await folder.write(sheet, contactSheetFileName);
  known.sheetSha256 = createHash('sha256').update(sheet).digest('hex');
  known.revision = revision;
}

/** Whether both files exist, and the sheet is the one that was written. */
async function isWhole(folder: SessionFolder, { sheetSha256 }: KnownReport): Promise<boolean> {
  const [html, sheet] = await Promise.all([
    stat(folder.absolute(reportFileName)).catch(() => undefined),
    sha256OfFile(folder.absolute(contactSheetFileName)),
  ]);
  return html !== undefined && sheet === sheetSha256;
}

async function picturesOf(
  context: HybridContext,
  manifest: Manifest,
  folder: SessionFolder,
  known: Map<string, Buffer>,
): Promise<ReadonlyMap<string, Buffer>> {
  const pictures = new Map<string, Buffer>();
  for (const asset of manifest.assets) {
    const { path, sha256 } = asset;
    if (path === null || sha256 === null) continue;
    const picture =
      known.get(sha256) ?? (await smallPicture(context, asset, folder.absolute(path)).catch(() => undefined));
    if (picture === undefined) continue;
    known.set(sha256, picture);
    pictures.set(path, picture);
  }
  return pictures;
}

function dataUris(pictures: ReadonlyMap<string, Buffer>): ReadonlyMap<string, string> {
  return new Map(Array.from(pictures, ([path, bytes]) => [path, `data:image/webp;base64,${bytes.toString('base64')}`]));
}

async function smallPicture(context: HybridContext, asset: ManifestAsset, path: string): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  const side = asset.kind === 'scene-reference' ? scenePixels : otherPixels;
  const bytes = await readFile(path);
  const small = await sharp(bytes)
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 80, effort: 2 })
    .toBuffer();
  const { backend, model, jobId, originalSha256, sha256 } = asset;
  const making = { backend, model, ...(jobId === null ? {} : { jobId }), sha256: originalSha256 ?? sha256 ?? '' };
  return Buffer.from(labelDerived(context, small, bytes, making));
}
