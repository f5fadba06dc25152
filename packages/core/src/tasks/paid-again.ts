import { ImageError } from '../contract/index.ts';
import type { TaskRow, TaskStore } from '../stores/task-store.ts';
import type { RunContext } from './run-context.ts';
import { say } from './task-messages.ts';

/** Attempts that nobody has paid for. */
const unpaid: ReadonlySet<TaskRow['state']> = new Set(['rejected', 'cancelled']);

/**
 * Before a task with an earlier attempt is sent: where that one was lost, it counts as paid, and this run says so.
 * @throws {ImageError} outcome `lost`, where the caller does not want to pay again (`noRepay`).
 */
export async function sayPaidAgain(run: RunContext, row: TaskRow): Promise<void> {
  const { environment, store } = run.options;
  const lost = await lostAttempt(store.tasks, row);
  if (lost === undefined) return;
  if (environment.options.noRepay === true) throw notPaidAgain(lost);
  const warning = { code: 'paid-again', ...say('paid-again', { taskId: row.taskId, backend: row.backend }) } as const;
  if (run.warn(warning)) run.emit({ type: 'warning', taskId: row.taskId, warning });
}

/** The last attempt that may have cost something, if it was lost. */
export async function lostAttempt(tasks: Pick<TaskStore, 'list'>, row: TaskRow): Promise<TaskRow | undefined> {
  let last: TaskRow | undefined;
  for await (const each of tasks.list({ scope: row.scope, taskId: row.taskId })) {
    if (each.requestHash !== row.requestHash || unpaid.has(each.state)) continue;
    if (last === undefined || each.attempt > last.attempt) last = each;
  }
  return last?.state === 'lost' ? last : undefined;
}

/** The error of a task whose lost submission is not to be paid again. */
export function notPaidAgain({ taskId, backend, handle, error }: TaskRow): ImageError {
  return new ImageError({
    kind: error?.kind ?? 'job-failed',
    outcome: 'lost',
    backend,
    ...(handle === undefined ? {} : { handle }),
    ...say('not-paid-again', { taskId, backend }),
  });
}
