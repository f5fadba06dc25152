import { openStates } from '../stores/task-store.ts';
import type { TaskRow } from '../stores/task-store.ts';
import type { Store } from '../stores/store.ts';
import type { ClientEnvironment } from '../client/client-environment.ts';
import type { GenerationResult } from './generation-result.ts';

/**
 * The rows that `resume` continues: open ones of this backend without a live owner, and `unknown` ones if the backend can locate
 * their submission.
 */
export async function* openRows(
  store: Store,
  { backend, lanes, owner }: Pick<ClientEnvironment, 'backend' | 'lanes' | 'owner'>,
  scope: string | undefined,
): AsyncGenerator<TaskRow> {
  const states = backend.locate === undefined ? openStates : [...openStates, 'unknown' as const];
  const filter = { states, backend: backend.name, ...(scope === undefined ? {} : { scope }) };
  for await (const row of store.tasks.list(filter)) {
    if (row.state === 'unknown' && !(lanes.has(row.lane) && (await isLast(store, row)))) continue;
    if (row.owner === null || (row.owner !== owner.id && !(await store.isOwnerAlive(row.owner)))) yield row;
  }
}

/** Whether a result is new: a submission that is still unknown would be reported by every run. */
export function changedSinceLastRun(row: TaskRow, result: GenerationResult): boolean {
  if (row.state !== 'unknown' || result.success) return true;
  const { outcome, message } = result.error;
  return outcome !== 'unknown' || message !== row.error?.message;
}

/** Whether this is the latest attempt: the image of an earlier one would replace that of a later one. */
async function isLast(store: Store, { scope, taskId, requestHash, attempt }: TaskRow): Promise<boolean> {
  return (await store.tasks.latest(scope, taskId, requestHash))?.attempt === attempt;
}
