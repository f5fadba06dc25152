import type { ImageBackend, ImageError } from '../contract/index.ts';
import { costOfTask } from '../cost/cost.ts';
import type { Cost } from '../cost/cost.ts';
import type { CostGate } from '../cost/cost-gate.ts';
import type { ResultCache } from '../result-cache/result-cache.ts';
import type { TaskRow } from '../stores/task-store.ts';
import type { IdentifiedTask } from './task-identity.ts';
import { refuseForeignFile } from '../files/foreign-file.ts';
import { costsAgain, lostAttempt, notPaidAgain } from '../tasks/paid-again.ts';
import { imagesOnDisk } from '../tasks/recovery.ts';
import { cacheKey } from '../tasks/save-to-cache.ts';
import type { TaskStoreLocation } from '../client/task-stores.ts';

/** What `generate` would do with a task. */
export type PlannedAction =
  /** Send a submission, which may cost money. */
  | 'submit'
  /** Take the images from the result cache. */
  | 'cache'
  /** Fetch the images of a paid job, or move them into place. */
  | 'collect'
  /** Nothing: the images exist. */
  | 'present'
  /** Wait for another process that works on it. */
  | 'wait'
  /** Nothing: its last submission may have arrived, and only the caller may allow another one. */
  | 'unknown'
  /** Refuse it. */
  | 'refuse';

/** The plan of a task, made without sending or writing anything. */
export interface TaskPlan {
  readonly taskId: string;
  readonly scope: string;
  readonly backend: string;
  readonly model: string;
  readonly action: PlannedAction;
  /** What would be sent, and its estimated cost. A job that fails for a temporary reason is paid twice. */
  readonly cost: Cost;
  /** Why it would be refused. */
  readonly error?: ImageError;
  /** Id of the job that would be fetched. */
  readonly jobId?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface PlanOptions {
  readonly backend: ImageBackend;
  readonly identity: IdentifiedTask;
  readonly location: TaskStoreLocation | undefined;
  readonly ownerId: string;
  readonly cache: ResultCache | undefined;
  readonly costGate: CostGate;
  readonly resubmitUnknown: boolean;
  readonly noRepay: boolean;
}

/** Plans a task from its stored row. @throws {ImageError} It would be refused. */
export async function planTask(options: PlanOptions): Promise<Omit<TaskPlan, 'metadata'>> {
  const { backend, identity, location, costGate } = options;
  const { scope, taskId, prepared, target, overwrite } = identity;
  const row = await location?.store.tasks.latest(scope, taskId, prepared.hash);
  let action: PlannedAction = row === undefined ? 'submit' : await actionOf(options, row);
  if (action === 'submit' && (await isCached(options))) action = 'cache';
  if (
    action === 'submit' &&
    options.noRepay &&
    row !== undefined &&
    location !== undefined &&
    costsAgain(backend, row)
  ) {
    const lost = await lostAttempt(location.store.tasks, row);
    if (lost !== undefined) throw notPaidAgain(lost);
  }
  if ((action === 'submit' || action === 'cache') && target !== undefined && !overwrite) {
    const { count } = prepared.request;
    await refuseForeignFile({ scope, taskId, target, count }, location?.store.tasks, location?.folder);
  }
  const paidSubmissions = action === 'submit' && backend.capabilities.billable ? 1 : 0;
  const jobId = action === 'collect' ? row?.handle?.jobId : undefined;
  return {
    taskId,
    scope,
    backend: backend.name,
    model: backend.model,
    action,
    cost: costOfTask(costGate.priceOf(backend, backend.capabilities.priceShare), prepared.request, paidSubmissions),
    ...(jobId === undefined ? {} : { jobId }),
  };
}

/** What `continueRow` would do with a row. */
async function actionOf(options: PlanOptions, row: TaskRow): Promise<PlannedAction> {
  const { location, ownerId, backend, resubmitUnknown } = options;
  const unknown = resubmitUnknown ? 'submit' : 'unknown';
  switch (row.state) {
    case 'done':
      if ((await imagesOnDisk(row, location?.folder)) !== undefined) return 'present';
      return row.handle === undefined ? 'submit' : 'collect';
    case 'unknown':
      return unknown;
    case 'failed':
    case 'lost':
    case 'cancelled':
      return 'submit';
    default:
  }
  if (row.owner !== null && row.owner !== ownerId && (await location?.store.isOwnerAlive(row.owner)) === true)
    return 'wait';
  if (row.state === 'rejected') return 'submit';
  // An interrupted submission is located first, if the backend can.
  return row.state === 'submitting' && !backend.capabilities.locatable ? unknown : 'collect';
}

async function isCached({ backend, identity, cache }: PlanOptions): Promise<boolean> {
  const { hash, request } = identity.prepared;
  const key = cacheKey({ backend: backend.name, fingerprint: backend.fingerprint }, hash, request.seed);
  return key !== undefined && cache !== undefined && cache.has(key);
}
