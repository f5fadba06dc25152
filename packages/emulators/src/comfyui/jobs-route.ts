/** /api/jobs: every state of a job in one answer (ComfyUI 0.6 and later; cancelling 0.26). */
import { isRecord } from '../base/is-record.ts';
import type { Version } from './comfyui-settings.ts';
import type { HistoryEntry, Job, JobQueue } from './job-queue.ts';

export interface JobsAnswer {
  readonly status: number;
  readonly body: unknown;
}

const statuses = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'];
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export interface JobsContext {
  readonly queue: JobQueue;
  readonly version: Version;
  readonly cancel: (id: string) => boolean;
}

/** `path`: what follows `/api/jobs`. Undefined: no such route. */
export function answerJobs(
  method: string,
  path: string,
  query: URLSearchParams,
  body: unknown,
  context: JobsContext,
): JobsAnswer | undefined {
  const { queue, version } = context;
  if (method === 'GET' && path === '') return listJobs(query, context);
  const one = /^\/([^/]+)$/.exec(path);
  if (method === 'GET' && one !== null) {
    const id = decodeURIComponent(one[1]!);
    const job = describeById(queue, id, version);
    return job === undefined ? { status: 404, body: { error: 'Job not found' } } : { status: 200, body: job };
  }
  if (method !== 'POST' || !version.atLeast(0, 26)) return undefined;
  if (path === '/cancel') return cancelMany(body, context);
  const cancel = /^\/([^/]+)\/cancel$/.exec(path);
  return cancel === null
    ? undefined
    : { status: 200, body: { cancelled: context.cancel(decodeURIComponent(cancel[1]!)) } };
}

function cancelMany(body: unknown, context: JobsContext): JobsAnswer {
  const ids = isRecord(body) ? body['job_ids'] : undefined;
  if (!Array.isArray(ids)) return { status: 400, body: { error: 'job_ids must be a list' } };
  const invalid = ids.filter((id) => typeof id !== 'string' || !uuid.test(id));
  if (invalid.length > 0)
    return { status: 400, body: { error: 'job_ids contains invalid id(s)', invalid_ids: invalid } };
  const cancelled = ids.map((id) => context.cancel(String(id))).some(Boolean);
  return { status: 200, body: { cancelled } };
}

function listJobs(query: URLSearchParams, { queue, version }: JobsContext): JobsAnswer {
  const wanted = query.get('status')?.split(',') ?? statuses;
  const wrong = wanted.filter((status) => !statuses.includes(status));
  if (wrong.length > 0) {
    const error = `Invalid status value(s): ${wrong.join(', ')}. Valid values: ${statuses.join(', ')}`;
    return { status: 400, body: { error } };
  }
  const limit = query.has('limit') ? Number(query.get('limit')) : undefined;
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    return { status: 400, body: { error: 'limit must be a positive integer' } };
  }
  const offset = Number(query.get('offset') ?? 0);
  const all = [
    ...queue.pending.map((job) => describeOpen(job, 'pending')),
    ...(queue.running === undefined ? [] : [describeOpen(queue.running, 'in_progress')]),
    ...[...queue.history.values()].map((entry) => describeFinished(entry, version, false)),
  ].filter((job) => wanted.includes(String(job['status'])));
  const direction = query.get('sort_order') === 'asc' ? 1 : -1;
  all.sort((a, b) => direction * (Number(a['create_time'] ?? 0) - Number(b['create_time'] ?? 0)));
  const page = all.slice(offset, limit === undefined ? undefined : offset + limit);
  const pagination = { offset, limit: limit ?? null, total: all.length, has_more: offset + page.length < all.length };
  return { status: 200, body: { jobs: page, pagination } };
}

function describeById(queue: JobQueue, id: string, version: Version): Record<string, unknown> | undefined {
  if (queue.running?.id === id) return describeOpen(queue.running, 'in_progress');
  const pending = queue.pending.find((job) => job.id === id);
  if (pending !== undefined) return describeOpen(pending, 'pending');
  const entry = queue.history.get(id);
  return entry === undefined ? undefined : describeFinished(entry, version, true);
}

function describeOpen(job: Job, status: string): Record<string, unknown> {
  const { id, number, extraData } = job;
  const create_time = extraData['create_time'];
  return { id, status, priority: number, create_time, outputs_count: 0, previewable_outputs_count: 0 };
}

function describeFinished(entry: HistoryEntry, version: Version, whole: boolean): Record<string, unknown> {
  const { job, outputs, statusText, messages } = entry;
  const find = (name: string): Record<string, unknown> | undefined => messages.find(([event]) => event === name)?.[1];
  const interrupted = find('execution_interrupted') !== undefined && version.atLeast(0, 9);
  const files = Object.entries(outputs).flatMap(([nodeId, output]) =>
    Object.entries(isRecord(output) ? output : {}).flatMap(([mediaType, list]) =>
      (Array.isArray(list) ? list : []).filter(isRecord).map((file) => ({ ...file, nodeId, mediaType })),
    ),
  );
  const workflow = job.extraData['extra_pnginfo'];
  const workflowId = isRecord(workflow) && isRecord(workflow['workflow']) ? workflow['workflow']['id'] : undefined;
  const error = find('execution_error');
  return {
    ...describeOpen(job, statusText === 'success' ? 'completed' : interrupted ? 'cancelled' : 'failed'),
    execution_start_time: messages[0]?.[1]['timestamp'],
    execution_end_time: messages.at(-1)?.[1]['timestamp'],
    ...(error === undefined ? {} : { execution_error: error }),
    outputs_count: files.length,
    previewable_outputs_count: files.length,
    ...(files[0] === undefined ? {} : { preview_output: files[0] }),
    ...(workflowId === undefined ? {} : { workflow_id: workflowId }),
    ...(whole
      ? { outputs, execution_status: historyStatus(entry), workflow: { prompt: job.graph, extra_data: job.extraData } }
      : {}),
  };
}

/** `status` of a history entry. */
export function historyStatus(entry: HistoryEntry): Record<string, unknown> {
  return { status_str: entry.statusText, completed: entry.statusText === 'success', messages: entry.messages };
}
