import { readdir } from 'node:fs/promises';
import { foldId } from '../identifiers.ts';
import { sessionError } from '../internal/errors.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf } from '../internal/hybrid-context.ts';
import { readManifest } from '../manifest/read-manifest.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { ImageError } from '@holodeck/core';
import { adoptManifest } from './adopt-manifest.ts';
import { say } from './session-messages.ts';

/** Sessions in which a client has looked for leftovers. */
const sweptSessions = new WeakMap<HybridContext, Set<string>>();

/** Older temporary files belong to processes that were killed. */
const leftoverAgeMs = 3_600_000;

/**
 * Adopts a session from its manifest if the store has no rows of it.
 *
 * @throws ImageError of kind `session` if the id differs from another session's only in case, or if the folder's manifest
 *   belongs to another session; of kind `invalid-request` if the manifest cannot be read.
 */
export async function openSession(context: HybridContext, sessionId: string): Promise<void> {
  const { store } = context;
  const swept = sweptSessions.get(context) ?? new Set();
  sweptSessions.set(context, swept);
  if (!swept.has(sessionId)) {
    swept.add(sessionId);
    await folderOf(context, sessionId).sweep(leftoverAgeMs);
  }
  if ((await store.sessions.get(sessionId)) !== undefined) return;
  await assertNoTwin(context, sessionId);
  const folder = folderOf(context, sessionId);
  let manifest: Manifest;
  try {
    manifest = await readManifest(folder.root);
  } catch (error) {
    if (ImageError.isInstance(error) && error.code === 'not-found') return;
    throw error;
  }
  if (manifest.sessionId !== sessionId) {
    const other = { folder: folder.root, other: manifest.sessionId };
    throw sessionError('adoption-refused', say('other-session', other));
  }
  await adoptManifest(context, sessionId, manifest);
}

async function assertNoTwin({ store, outputDir }: HybridContext, sessionId: string): Promise<void> {
  const folded = foldId(sessionId);
  const stored = (await store.sessions.list()).map((session) => session.sessionId);
  const folders = await readdir(outputDir).catch(() => []);
  const twin = [...stored, ...folders].find((id) => id !== sessionId && foldId(id) === folded);
  if (twin === undefined) return;
  throw sessionError('id-collision', say('same-but-case', { other: twin, folder: outputDir, sessionId }));
}
