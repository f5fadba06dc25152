import { ImageError } from '../contract/index.ts';
import type { TaskRow } from '../stores/task-store.ts';
import { asImageError } from './as-image-error.ts';
import { takeFromCache } from './take-from-cache.ts';
import { collectTask, paidAttempts } from './collect-task.ts';
import { continueRow } from './continue-row.ts';
import type { GenerationResult } from './generation-result.ts';
import { refuseForeignFile } from '../files/foreign-file.ts';
import { prepareTarget, refuseImpossiblePlace } from '../files/output-target.ts';
import type { PreparedRequest } from '../request/prepare-request.ts';
import { sayLostBefore } from './paid-again.ts';
import { RunContext } from './run-context.ts';
import type { RunOptions } from './run-context.ts';
import { say } from './task-messages.ts';
import { submitTask } from './submit-task.ts';

/**
 * Runs one task through its states, starting from its stored row. Every paid step is on disk before the next one begins. Never
 * throws.
 */
export function runTask(options: RunOptions, prepared: PreparedRequest): Promise<GenerationResult> {
  const { scope, taskId, store, target, folder, overwrite } = options;
  const run = new RunContext(options, prepared.request, false);
  run.requestHash = prepared.hash;
  return settle(run, async () => {
    if (target !== undefined) await prepareTarget(target);
    for (;;) {
      const row = await store.tasks.latest(scope, taskId, prepared.hash);
      const isFree = row === undefined || (row.state === 'unknown' && run.mayResubmit);
      const end = isFree ? 'submit' : await continueRow(run, row);
      if (typeof end === 'object') return end;
      if (end === 'reload-row') continue;
      run.servedBy = undefined;
      if (target !== undefined) {
        const { count } = prepared.request;
        refuseImpossiblePlace(target, count);
        if (!overwrite) await refuseForeignFile({ scope, taskId, target, count }, store.tasks, folder);
      }
      const attempt = (row?.attempt ?? 0) + 1;
      const cached = await takeFromCache(run, prepared, attempt);
      if (cached === 'reload-row') continue;
      if (cached !== undefined) return cached;
      if (row !== undefined) await sayLostBefore(run, row);
      const job = await submitTask(run, prepared, attempt);
      if (job === 'reload-row') continue;
      const result = await collectTask(run, job, 'generated');
      if (result !== 'reload-row') return result;
    }
  });
}

/** Finishes the job of an open row; submits nothing. Never throws. */
export function resumeTask(options: RunOptions, row: TaskRow): Promise<GenerationResult> {
  const run = new RunContext(options, row.request, true);
  run.requestHash = row.requestHash;
  return settle(run, async () => {
    let current: TaskRow | undefined = row;
    while (current !== undefined) {
      const end = await continueRow(run, current);
      if (typeof end === 'object') return end;
      if (end === 'submit') {
        throw new ImageError({
          kind: 'unavailable',
          outcome: 'not-submitted',
          backend: row.backend,
          retryable: true,
          ...say('nothing-to-fetch', { taskId: row.taskId }),
        });
      }
      current = await options.store.tasks.latest(row.scope, row.taskId, row.requestHash);
    }
    throw new ImageError({ kind: 'storage', outcome: 'unknown', ...say('task-removed', { taskId: row.taskId }) });
  });
}

/** Not one call that waits for the work: thousands of tasks wait for hours, and each such call takes memory. */
function settle(run: RunContext, work: () => Promise<GenerationResult>): Promise<GenerationResult> {
  return work().then(
    (result) => settled(run, result),
    (thrown) => failed(run, thrown),
  );
}

async function failed(run: RunContext, thrown: unknown): Promise<GenerationResult> {
  const error = asImageError(thrown, {
    kind: 'internal',
    outcome: 'unknown',
    backend: run.environment.backend.name,
    ...say('task-unexpected'),
  });
  await run.disown();
  return settled(run, run.failure(error, await paidAttempts(run)));
}

async function settled(run: RunContext, result: GenerationResult): Promise<GenerationResult> {
  const { environment, options } = run;
  const { counters } = environment;
  run.end();
  if (!result.success) counters[result.error.outcome === 'unknown' ? 'unknown' : 'failed'] += 1;
  else if (result.source === 'generated') counters.done += 1;
  else if (result.source === 'cache') counters.cached += 1;
  else counters.resumed += 1;
  // If nothing outlives the process, settled rows only take memory.
  if (
    !options.store.durable &&
    !result.success &&
    result.error.outcome !== 'accepted' &&
    result.error.outcome !== 'unknown'
  ) {
    await options.store.tasks.forget(options.scope, options.taskId).catch(() => 0);
  }
  run.trace?.end(result, run.paid);
  run.emit({ type: 'settled', taskId: options.taskId, result });
  return result;
}
