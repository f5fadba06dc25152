import { openStates } from '../stores/task-store.ts';
import type { TaskRow } from '../stores/task-store.ts';
import type { Store } from '../stores/store.ts';
import type { ClientEnvironment } from '../client/client-environment.ts';
import type { GenerationResult } from './generation-result.ts';

/**
 * What `resume` goes on with: open rows of this backend whose owner is gone, or that nobody works on; and `unknown` ones, where the
 * backend can be asked whether their submission arrived.
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

/** Whether a result says more than its row did: a submission of which nothing is known still would be told of by every run. */
export function changedSinceLastRun(row: TaskRow, result: GenerationResult): boolean {
  if (row.state !== 'unknown' || result.success) return true;
  const { outcome, message } = result.error;
  return outcome !== 'unknown' || message !== row.error?.message;
}

/** Whether the task was not sent again since: an image of the earlier attempt would take the place of the later one's. */
async function isLast(store: Store, { scope, taskId, requestHash, attempt }: TaskRow): Promise<boolean> {
  return (await store.tasks.latest(scope, taskId, requestHash))?.attempt === attempt;
}
