import { lstatSync } from 'node:fs';
import { invalidRequest } from '../contract/index.ts';
import type { TaskStore } from '../stores/task-store.ts';
import { say } from './file-messages.ts';
import { possiblePaths, restoredPath } from './output-target.ts';
import type { OutputTarget } from './output-target.ts';

/** What a task may find in its place. */
export interface PlacedTask {
  readonly scope: string;
  readonly taskId: string;
  readonly target: OutputTarget;
  /** Images of the task. */
  readonly count: number;
}

/**
 * Refuses a file in a task's place that the task has not written itself: an image of another task, or a file of the user's.
 * @param folder The one at which the store's paths start.
 * @throws {ImageError} kind `invalid-request`, outcome `not-submitted`.
 */
export async function refuseForeignFile(
  { scope, taskId, target, count }: PlacedTask,
  store: Pick<TaskStore, 'list'> | undefined,
  folder: string | undefined,
): Promise<void> {
  const inTheWay = possiblePaths(target, count).filter(isThere);
  if (inTheWay.length === 0) return;
  const own = new Set<string>();
  for await (const { images = [] } of store?.list({ scope, taskId }) ?? []) {
    for (const { path } of images) own.add(restoredPath(folder, path));
  }
  const foreign = inTheWay.find((path) => !own.has(path));
  if (foreign !== undefined) throw invalidRequest(say('file-of-another', { path: foreign }));
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Writing it says why.
    return false;
  }
}
