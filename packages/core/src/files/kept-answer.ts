import { closeSync, fsync, openSync, renameSync, writeSync } from 'node:fs';
import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JobHandle } from '../contract/index.ts';
import { makePrivateDirectory } from './private-directory.ts';
import type { Store } from '../stores/store.ts';
import type { TaskRow } from '../stores/task-store.ts';
import { syncFolder } from './sync-folder.ts';

const syncFile = promisify(fsync);

/**
 * The longest answer in a row, in bytes. A longer one costs less in a file, because the row is written again without the answer once
 * the images are in place.
 */
export const maxHandleAnswerBytes: number = 64 * 1024;

/** Whether a durable write of this store is on this machine's disk when it resolves. */
export function keepsAnswers(store: Pick<Store, 'kind' | 'durable'>): boolean {
  return store.durable && store.kind === 'sqlite';
}

/** The part of a patch that removes an answer that is no longer needed. */
export function withoutAnswer({ handle }: TaskRow): { readonly handle?: JobHandle } {
  if (handle?.answer === undefined) return {};
  const { answer: _answer, ...claim } = handle;
  return { handle: claim };
}

/** Removes the file of an answer of which not a byte came: a killed process leaves it behind. */
export async function removeEmptyPart(directory: string | undefined, key: string): Promise<void> {
  if (directory === undefined) return;
  const path = join(directory, `${key}.part`);
  const found = await stat(path).catch(() => undefined);
  if (found?.size === 0) await unlink(path).catch(() => undefined);
}

/**
 * Keeps an answer where backends look for the answers that they kept themselves, as `<key>.answer`: durable when it resolves.
 * The driver removes it with the attempt.
 * @throws the file system's error.
 */
export async function keepAnswer(directory: string, key: string, answer: string): Promise<void> {
  await makePrivateDirectory(directory);
  // Not the name of a backend's own unfinished file, which may be complete.
  const part = join(directory, `${key}.kept`);
  const file = openSync(part, 'w', 0o600);
  try {
    const bytes = Buffer.from(answer);
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    await syncFile(file);
  } finally {
    closeSync(file);
  }
  renameSync(part, join(directory, `${key}.answer`));
  await syncFolder(directory);
}
