import { ImageError } from '../contract/index.ts';
import type { ImageBackend } from '../contract/index.ts';
import type { TaskRow, TaskStore } from '../stores/task-store.ts';
import type { RunContext } from './run-context.ts';
import { say } from './task-messages.ts';

/** Attempts that nobody has paid for. */
const unpaid: ReadonlySet<TaskRow['state']> = new Set(['rejected', 'cancelled']);

/**
 * Before a task with an earlier attempt is sent: where that one was lost, this run says so. It counts as paid unless it was free.
 * @throws {ImageError} outcome `lost`, where the caller does not want to pay again (`noRepay`).
 */
export async function sayLostBefore(run: RunContext, row: TaskRow): Promise<void> {
  const { environment, store } = run.options;
  const lost = await lostAttempt(store.tasks, row);
  if (lost === undefined) return;
  const { backend } = environment;
  const code = costsAgain(backend, row) ? 'paid-again' : 'sent-again';
  if (code === 'paid-again' && environment.options.noRepay === true) throw notPaidAgain(lost);
  const warning = { code, ...say(code, { taskId: row.taskId, backend: row.backend }) } as const;
  if (run.warn(warning)) run.emit({ type: 'warning', taskId: row.taskId, warning });
}

/** Whether the earlier submission of a row, or the next one, is paid. */
export function costsAgain(backend: ImageBackend, row: TaskRow): boolean {
  return row.backend !== backend.name || backend.capabilities.billable;
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
