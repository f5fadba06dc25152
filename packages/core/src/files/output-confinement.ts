import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { ImageError, invalidRequest } from '../contract/index.ts';
import { say } from './file-messages.ts';
import type { TaskRow } from '../stores/task-store.ts';
import type { ImageClientOptions } from '../client/image-client-options.ts';
import { restoredPath } from './output-target.ts';

/** The store's folder: an image there could overwrite the record of what is paid. */
const storeFolder = '.holodeck';

type Confinement = Pick<ImageClientOptions, 'confineToOutputDir' | 'outputDir'>;

/**
 * Refuses a path outside the output folder, also through a link, and one among the store's files. Tasks may come from untrusted
 * sources.
 * @throws {ImageError} kind `invalid-request`, outcome `not-submitted`.
 */
export async function refuseOutside(
  outputPath: unknown,
  { confineToOutputDir, outputDir }: Confinement,
): Promise<void> {
  if (confineToOutputDir !== true) return;
  // Invalid paths are refused elsewhere.
  if (typeof outputPath !== 'string' || outputPath.includes('\0') || outputDir === undefined) return;
  const root = resolve(outputDir);
  const problem = await problemOf(resolve(root, outputPath), root);
  if (problem === undefined) return;
  throw invalidRequest(say(`path-${problem}`, { path: JSON.stringify(outputPath), folder: root }));
}

/**
 * The same for the paths of a stored row, which stays as it is because its image may be paid.
 * @throws {ImageError} kind `storage`, outcome `accepted`, or `unknown` if it is unknown whether its submission arrived.
 */
export async function refuseOutsideRow(
  row: TaskRow,
  folder: string | undefined,
  { confineToOutputDir }: Confinement,
): Promise<void> {
  if (confineToOutputDir !== true || folder === undefined) return;
  const places = (row.images ?? []).flatMap(({ path, temporaryPath }) =>
    temporaryPath === undefined ? [path] : [path, temporaryPath],
  );
  for (const place of row.outputPath === undefined ? places : [row.outputPath, ...places]) {
    const problem = await problemOf(restoredPath(folder, place), folder);
    if (problem === undefined) continue;
    throw new ImageError({
      kind: 'storage',
      outcome: row.state === 'submitting' || row.state === 'unknown' ? 'unknown' : 'accepted',
      retryable: true,
      backend: row.backend,
      ...(row.handle === undefined ? {} : { handle: row.handle }),
      ...say(`image-${problem}`, { taskId: row.taskId, path: JSON.stringify(place), folder }),
    });
  }
}

/** What is wrong with a path; undefined if it is allowed. */
async function problemOf(path: string, root: string): Promise<'outside' | 'in-store' | undefined> {
  if (!isInside(path, root)) return 'outside';
  if (isInStore(path, root)) return 'in-store';
  const realRoot = await realpath(root).catch(() => undefined);
  // A folder that does not exist contains no links.
  if (realRoot === undefined) return undefined;
  for (let folder = dirname(path); isInside(folder, root); folder = dirname(folder)) {
    const real = await realpath(folder).catch(() => undefined);
    if (real === realRoot) return undefined;
    if (real !== undefined) {
      if (!isInside(real, realRoot)) return 'outside';
      return isInStore(real, realRoot) ? 'in-store' : undefined;
    }
    // A dangling link would be followed once its target exists.
    if ((await lstat(folder).catch(() => undefined))?.isSymbolicLink() === true) return 'outside';
  }
  return undefined;
}

function isInStore(path: string, root: string): boolean {
  return relative(root, path).split(sep)[0]?.toLowerCase() === storeFolder;
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '' && way.split(sep)[0] !== '..' && !isAbsolute(way);
}
