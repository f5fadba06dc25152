import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { TaskRow } from '@holodeck/core/stores';
import { sessionOfScope } from '../internal/hybrid-context.ts';
import { readManifest } from './read-manifest.ts';

/**
 * Tells of a session's row whether its images are in the session's folder, whole, and recorded in its manifest: for `pruneDone` of
 * `@holodeck/core/stores`. False for a row of no session.
 */
export function recordedImages(outputDir: string): (row: Pick<TaskRow, 'scope' | 'images'>) => Promise<boolean> {
  const sessions = new Map<string, Promise<ReadonlyMap<string, string>>>();
  return async ({ scope, images = [] }) => {
    const sessionId = sessionOfScope(scope);
    if (sessionId === undefined || images.length === 0) return false;
    const folder = join(outputDir, sessionId);
    const recorded = sessions.get(folder) ?? readRecorded(folder);
    sessions.set(folder, recorded);
    const paths = await recorded;
    for (const { sha256 } of images) {
      const path = paths.get(sha256);
      if (path === undefined || (await hashOf(join(folder, path))) !== sha256) return false;
    }
    return true;
  };
}

/** The files of a manifest by their hashes; none if it cannot be read. */
async function readRecorded(folder: string): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  const manifest = await readManifest(folder).catch(() => undefined);
  for (const { path, sha256, originalPath, originalSha256 } of manifest?.assets ?? []) {
    if (path !== null && sha256 !== null) paths.set(sha256, path);
    if (originalPath !== undefined && originalSha256 !== undefined) paths.set(originalSha256, originalPath);
  }
  return paths;
}

async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}
