import type { Store } from '../stores/store.ts';
import type { TaskRow } from '../stores/task-store.ts';
import { imagesOnDisk } from './recovery.ts';

/** Which done tasks leave a store. */
export interface PruneOptions {
  /** The folder that the store's paths are relative to. */
  readonly folder: string | undefined;
  /** Tasks that were last written before this time go, in milliseconds since 1970. */
  readonly beforeMs: number;
  /** Whether the images of a row are safe although they are not where the row says. Default: none is. */
  readonly isKeptElsewhere?: (row: TaskRow) => Promise<boolean>;
}

/** Tasks that are removed at a time. */
const groupSize = 200;

/**
 * Removes the rows of done tasks whose images are all there, whole; resolves with the number of rows. A task with any row that is
 * open, unknown, lost or failed stays. The client no longer knows a task that went: it refuses to overwrite its file, and makes it
 * again if the file is gone.
 * @throws {ImageError} kind `storage` if the store or an image cannot be read.
 */
export async function pruneDone(store: Store, options: PruneOptions): Promise<number> {
  const { folder, beforeMs, isKeptElsewhere } = options;
  const tasks = new Map<string, { readonly scope: string; readonly taskId: string; goes: boolean }>();
  for await (const row of store.tasks.list({ states: ['done'], onDamaged: () => undefined })) {
    const { scope, taskId, updatedAtMs } = row;
    const key = JSON.stringify([scope, taskId]);
    const task = tasks.get(key) ?? { scope, taskId, goes: true };
    tasks.set(key, task);
    task.goes &&=
      updatedAtMs < beforeMs &&
      ((await imagesOnDisk(row, folder)) !== undefined || (await isKeptElsewhere?.(row)) === true);
  }
  const going = [...tasks.values()].filter(({ goes }) => goes);
  let removed = 0;
  for (let at = 0; at < going.length; at += groupSize) {
    removed += await store.tasks.forgetDone(going.slice(at, at + groupSize), beforeMs);
  }
  return removed;
}
