import { removeEmptyPart } from '../files/kept-answer.ts';
import { ImageError } from '../contract/index.ts';
import type { Logger } from '../contract/index.ts';
import type { Store } from '../stores/store.ts';
import type { TaskRow } from '../stores/task-store.ts';
import { abortError } from './as-image-error.ts';
import { collectTask, finishRow } from './collect-task.ts';
import type { GenerationResult } from './generation-result.ts';
import type { LaneScheduler } from '../limits/lane-scheduler.ts';
import type { LanePermit } from '../limits/lane-permit.ts';
import { finishReceived, imagesOnDisk } from './recovery.ts';
import type { RowWriter } from './row-writer.ts';
import type { RunContext } from './run-context.ts';
import { draftOf } from './submit-task.ts';
import { say } from './task-messages.ts';

/** How often the row of another live owner is read, in milliseconds. */
const ownerPollMs = 100;

/**
 * Continues from a stored row. `submit`: nothing is open or available, so a new attempt is due. `reload-row`: the row has changed
 * meanwhile.
 * @throws {ImageError} if the row ended with a failure that must not be repeated.
 */
export async function continueRow(run: RunContext, row: TaskRow): Promise<GenerationResult | 'submit' | 'reload-row'> {
  const { store, folder } = run.options;
  const { environment } = run;
  run.servedBy = { name: row.backend, model: row.model };
  if (row.state === 'done') {
    const images = await imagesOnDisk(row, folder);
    if (images !== undefined) {
      run.knows(row.handle);
      run.usage = row.usage;
      for (const warning of row.warnings ?? []) run.warn(warning);
      if (row.backend !== environment.backend.name) {
        const { taskId, backend: before } = row;
        run.warn({ code: 'other', ...say('made-before', { taskId, before, backend: environment.backend.name }) });
      }
      const paid = await store.tasks.countPaid(row.scope, row.taskId, row.requestHash);
      return run.success(images, 'resumed', paid);
    }
    // The file was deleted or changed: fetch the same paid image again if possible.
    if (row.handle === undefined) return 'submit';
  }
  if (row.state === 'unknown' && !canBeAsked(run, row)) {
    throw row.error === undefined ? unknownError(row) : ImageError.fromJSON(row.error);
  }
  if (row.state === 'failed' || row.state === 'lost' || row.state === 'cancelled') return 'submit';
  if (row.owner !== null && row.owner !== environment.owner.id && (await isKept(row, row.owner, store))) {
    await environment.clock.sleep(ownerPollMs, run.signal).catch(() => {
      throw abortError(run.signal, { outcome: 'not-submitted', ...say('task-elsewhere', { taskId: row.taskId }) });
    });
    return 'reload-row';
  }
  if (row.state === 'rejected') {
    // Its owner may only be slow and about to try again: change the row first, so that it cannot.
    const isOther = row.owner !== null && row.owner !== environment.owner.id;
    if (isOther && (await store.tasks.update(row, row.revision, { owner: null })) === undefined) return 'reload-row';
    return 'submit';
  }
  const version = await store.tasks.update(row, row.revision, { owner: environment.owner.id });
  if (version === undefined) return 'reload-row';
  const claimed = { ...row, owner: environment.owner.id, ...version };
  const writer = run.writer(claimed);
  if (claimed.state === 'received') {
    const images = await finishReceived(claimed, folder);
    if (images !== undefined) {
      for (const warning of claimed.warnings ?? []) run.warn(warning);
      return finishRow(run, writer, images, 'resumed');
    }
    if (claimed.handle === undefined) {
      // It came from the result cache and its file is gone: nothing was paid, nothing is available.
      await writer.write({ state: 'cancelled', owner: null });
      return 'submit';
    }
  }
  const isOpen = claimed.state === 'submitting' || claimed.state === 'unknown';
  if (isOpen && !(await arrived(run, writer))) return 'submit';
  return collectAgain(run, writer);
}

/** Whether this backend can find out if the submission arrived; it may have been unreachable last time. */
function canBeAsked({ environment }: RunContext, row: TaskRow): boolean {
  const { backend, lanes } = environment;
  return backend.locate !== undefined && row.backend === backend.name && lanes.has(row.lane);
}

/** Whether the owner may still be working on the row, so that no other may continue. */
async function isKept(row: TaskRow, owner: string, store: Store): Promise<boolean> {
  if (!(await store.isOwnerAlive(owner))) return false;
  const mayBeSent = row.handle === undefined || row.state === 'submitting';
  return mayBeSent || (await store.isOwnerSilent?.(owner)) !== true;
}

/** After a crash during a submission: asks the provider whether it arrived. False = a new one is allowed. */
async function arrived(run: RunContext, writer: RowWriter): Promise<boolean> {
  const { backend, lanes } = run.environment;
  const { row } = writer;
  const lane = lanes.get(row.lane);
  const error = row.error === undefined ? unknownError(row) : ImageError.fromJSON(row.error);
  let found: 'found' | 'absent' | undefined;
  if (lane !== undefined && backend.locate !== undefined) {
    found = await backend
      .locate(row.key, run.jobContext(row.key, lane, undefined, draftOf(row)))
      .catch(() => undefined);
  }
  if (found === 'absent') {
    await writer.write({ state: 'rejected', owner: null });
    await removeEmptyPart(run.options.spoolDirectory, row.key);
    return false;
  }
  if (found === 'found' && lane !== undefined && backend.handleFor !== undefined) {
    const handle = backend.handleFor(row.key, run.jobContext(row.key, lane, undefined, draftOf(row)));
    await writer.write(
      { state: 'accepted', handle, acceptedAtMs: handle.acceptedAtMs },
      { durable: backend.capabilities.billable },
    );
    return true;
  }
  if (run.signal.aborted && backend.locate !== undefined) {
    // Still unknown: keep the row, so that the next run asks again.
    const said = say('stopped-asking', { backend: backend.name, taskId: row.taskId });
    throw abortError(run.signal, { outcome: 'unknown', backend: backend.name, ...said });
  }
  await writer.write({ state: 'unknown', owner: null, error: error.toJSON() });
  await removeEmptyPart(run.options.spoolDirectory, row.key);
  run.emitState('unknown', row.attempt);
  if (run.mayResubmit) return false;
  throw error;
}

/** Collects a job of an earlier run. Makes a new attempt only if the file was deleted and the job is gone. */
async function collectAgain(run: RunContext, writer: RowWriter): Promise<GenerationResult | 'submit' | 'reload-row'> {
  const { environment } = run;
  const { row } = writer;
  const { handle } = row;
  if (handle === undefined) throw unknownError(row);
  run.knows(handle);
  const lane = environment.lanes.get(handle.lane);
  if (lane === undefined || handle.backend !== environment.backend.name) {
    await writer.write({ owner: null });
    throw new ImageError({
      kind: 'auth',
      outcome: 'accepted',
      handle,
      backend: environment.backend.name,
      ...say('job-elsewhere', { jobId: handle.jobId, backend: handle.backend }),
    });
  }
  // Only a job that may still run holds a slot.
  const watched = await environment.abandonedJobs.take(row.key);
  const permit = watched ?? (row.state === 'accepted' ? await adopt(lane, row, environment.logger) : undefined);
  environment.deadlines.start(run);
  try {
    return await collectTask(run, { writer, handle, lane, ...(permit === undefined ? {} : { permit }) }, 'resumed');
  } catch (error) {
    const gone = ImageError.isInstance(error) && (error.outcome === 'lost' || error.outcome === 'failed');
    if (row.state === 'done' && gone) return 'submit';
    throw error;
  }
}

/** A paid job is fetched even if its permit cannot be stored; then one more job runs than other clients know. */
async function adopt(lane: LaneScheduler, { key, taskId }: TaskRow, logger: Logger): Promise<LanePermit | undefined> {
  try {
    return await lane.adopt(key);
  } catch (error) {
    logger.warn({ taskId, error: String(error) }, 'a running job is collected without its permit');
    return undefined;
  }
}

function unknownError(row: TaskRow): ImageError {
  const { taskId, backend } = row;
  return new ImageError({
    kind: 'unavailable',
    outcome: 'unknown',
    backend,
    ...say('unknown-crash', { taskId, backend }),
  });
}
