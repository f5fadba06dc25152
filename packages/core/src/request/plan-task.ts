import type { ImageBackend, ImageError } from '../contract/index.ts';
import { costOfTask } from '../cost/cost.ts';
import type { Cost } from '../cost/cost.ts';
import type { CostGate } from '../cost/cost-gate.ts';
import type { ResultCache } from '../result-cache/result-cache.ts';
import type { TaskRow } from '../stores/task-store.ts';
import type { IdentifiedTask } from './task-identity.ts';
import { imagesOnDisk } from '../tasks/recovery.ts';
import { cacheKey } from '../tasks/save-to-cache.ts';
import type { TaskStoreLocation } from '../client/task-stores.ts';

/** What running a task would do first. */
export type PlannedAction =
  /** Send a submission, which may have to be paid. */
  | 'submit'
  /** Take the images from the result cache. */
  | 'cache'
  /** Fetch the images of a job that was paid for, or put them in place. */
  | 'collect'
  /** Nothing: the images are there. */
  | 'present'
  /** Wait for another process that works on it. */
  | 'wait'
  /** Nothing: its last submission may have arrived, and it is not sent again without the caller's word. */
  | 'unknown'
  /** Refuse it. */
  | 'refuse';

/** What running a task would do, found out without sending or writing anything. */
export interface TaskPlan {
  readonly taskId: string;
  readonly scope: string;
  readonly backend: string;
  readonly model: string;
  readonly action: PlannedAction;
  /** What would be sent for it, and what that would cost by the price list. A job that fails for a passing reason is paid twice. */
  readonly cost: Cost;
  /** Why it would be refused. */
  readonly error?: ImageError;
  /** Of the job that would be fetched. */
  readonly jobId?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What a plan is made from. */
export interface PlanOptions {
  readonly backend: ImageBackend;
  readonly identity: IdentifiedTask;
  readonly location: TaskStoreLocation | undefined;
  readonly ownerId: string;
  readonly cache: ResultCache | undefined;
  readonly costGate: CostGate;
  readonly resubmitUnknown: boolean;
}

/** Looks where a task stands and says what would be done with it. */
export async function planTask(options: PlanOptions): Promise<Omit<TaskPlan, 'metadata'>> {
  const { backend, identity, location, costGate } = options;
  const { scope, taskId, prepared } = identity;
  const row = await location?.store.tasks.latest(scope, taskId, prepared.hash);
  let action: PlannedAction = row === undefined ? 'submit' : await actionOf(options, row);
  if (action === 'submit' && (await isCached(options))) action = 'cache';
  const paidSubmissions = action === 'submit' && backend.capabilities.billable ? 1 : 0;
  const jobId = action === 'collect' ? row?.handle?.jobId : undefined;
  return {
    taskId,
    scope,
    backend: backend.name,
    model: backend.model,
    action,
    cost: costOfTask(costGate.priceOf(backend), prepared.request, paidSubmissions),
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
  // The provider is asked whether a submission that was cut short has arrived, where it can tell.
  return row.state === 'submitting' && !backend.capabilities.locatable ? unknown : 'collect';
}

async function isCached({ backend, identity, cache }: PlanOptions): Promise<boolean> {
  const { hash, request } = identity.prepared;
  const key = cacheKey({ backend: backend.name, fingerprint: backend.fingerprint }, hash, request.seed);
  return key !== undefined && cache !== undefined && cache.has(key);
}
