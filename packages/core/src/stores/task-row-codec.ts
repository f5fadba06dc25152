import { ImageError, invalidRequest } from '../contract/index.ts';
import { say } from './store-messages.ts';
import type { TaskFilter, TaskRow, TaskRowPatch } from './task-store.ts';

/**
 * A row as stores keep it: one value for each column, objects as JSON text. The memory store keeps it too: it is small, and a
 * caller that changes an object later cannot reach it.
 */
export interface EncodedTaskRow {
  readonly scope: string;
  readonly taskId: string;
  readonly requestHash: string;
  readonly attempt: number;
  readonly key: string;
  readonly state: string;
  readonly backend: string;
  readonly model: string;
  readonly fingerprint: string;
  readonly lane: string;
  readonly request: string;
  readonly outputPath: string | null;
  readonly owner: string | null;
  readonly handle: string | null;
  readonly images: string | null;
  readonly error: string | null;
  readonly warnings: string | null;
  readonly usage: string | null;
  readonly metadata: string | null;
  readonly createdAtMs: number;
  readonly acceptedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly updatedAtMs: number;
  readonly revision: number;
  /** 1 if its job was accepted and is or was to be paid. */
  readonly paid: number;
}

/** A column of the table of tasks. */
export type TaskColumn = keyof EncodedTaskRow;

/** Optional fields that are JSON text in their column. */
const optionalJsonColumns = [
  'handle',
  'images',
  'error',
  'warnings',
  'usage',
  'metadata',
] as const satisfies readonly TaskColumn[];

/** Optional fields that are stored as they are. */
const optionalColumns = ['outputPath', 'acceptedAtMs', 'endedAtMs'] as const satisfies readonly TaskColumn[];

/** Columns that a patch may change, in a fixed order, so that equal patches produce equal SQL. */
const patchColumns = [
  'state',
  'owner',
  'handle',
  'images',
  'error',
  'warnings',
  'usage',
  'acceptedAtMs',
  'endedAtMs',
  'lane',
] as const satisfies readonly (keyof TaskRowPatch)[];

/** A new row, revision 1. */
export function encodeTaskRow(row: Omit<TaskRow, 'revision' | 'updatedAtMs'>, nowMs: number): EncodedTaskRow {
  checkWellFormed(row.scope, row.taskId);
  return {
    scope: row.scope,
    taskId: row.taskId,
    requestHash: row.requestHash,
    attempt: row.attempt,
    key: row.key,
    state: row.state,
    backend: row.backend,
    model: row.model,
    fingerprint: row.fingerprint,
    lane: row.lane,
    request: JSON.stringify(row.request),
    outputPath: row.outputPath ?? null,
    owner: row.owner,
    handle: toJson(row.handle),
    images: toJson(row.images),
    error: toJson(row.error),
    warnings: toJson(row.warnings),
    usage: toJson(row.usage),
    metadata: toJson(row.metadata),
    createdAtMs: row.createdAtMs,
    acceptedAtMs: row.acceptedAtMs ?? null,
    endedAtMs: row.endedAtMs ?? null,
    updatedAtMs: nowMs,
    revision: 1,
    paid: row.handle === undefined || row.state === 'submitting' ? 0 : 1,
  };
}

/** The columns that a patch sets; `paid` too: with the handle of a job, and when the provider gave it up. */
export function encodeTaskPatch(patch: TaskRowPatch): Partial<Record<TaskColumn, string | number | null>> {
  const columns: Partial<Record<TaskColumn, string | number | null>> = {};
  for (const name of patchColumns) {
    const value = patch[name];
    if (value === undefined) continue;
    if (value === null && (name === 'state' || name === 'lane')) {
      throw new ImageError({ kind: 'internal', outcome: 'not-submitted', ...say('row-field', { name }) });
    }
    columns[name] = value !== null && typeof value === 'object' ? JSON.stringify(value) : value;
  }
  if (patch.state === 'rejected') columns.paid = 0;
  else if (patch.handle && patch.state !== 'submitting') columns.paid = 1;
  return columns;
}

/** Decodes a row. Values are trusted: `encodeTaskRow` wrote them. */
export function decodeTaskRow(encoded: EncodedTaskRow): TaskRow {
  const row = {
    scope: encoded.scope,
    taskId: encoded.taskId,
    requestHash: encoded.requestHash,
    attempt: encoded.attempt,
    key: encoded.key,
    state: encoded.state as TaskRow['state'],
    backend: encoded.backend,
    model: encoded.model,
    fingerprint: encoded.fingerprint,
    lane: encoded.lane,
    request: JSON.parse(encoded.request) as TaskRow['request'],
    owner: encoded.owner,
    createdAtMs: encoded.createdAtMs,
    updatedAtMs: encoded.updatedAtMs,
    revision: encoded.revision,
  };
  // Added one by one: deleting fields would turn the object into a slow and large dictionary.
  const optional: Record<string, unknown> = row;
  for (const name of optionalColumns) {
    if (encoded[name] !== null) optional[name] = encoded[name];
  }
  for (const name of optionalJsonColumns) {
    if (encoded[name] !== null) optional[name] = JSON.parse(encoded[name]);
  }
  return row;
}

/** A row of `list`; undefined for one that is damaged where the filter takes those. @throws {ImageError} kind `storage` */
export function decodeListedRow(encoded: EncodedTaskRow, { onDamaged }: TaskFilter): TaskRow | undefined {
  try {
    return decodeTaskRow(encoded);
  } catch (cause) {
    const { scope, taskId, updatedAtMs } = encoded;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new ImageError({
      kind: 'storage',
      outcome: 'not-submitted',
      ...say('row-damaged', { taskId, scope, reason }),
      cause,
    });
    if (onDamaged === undefined) throw error;
    onDamaged({ scope, taskId, updatedAtMs }, error);
    return undefined;
  }
}

/** Whether a row passes a filter; ignores `latestOnly`. */
export function matchesTaskFilter(row: EncodedTaskRow, filter: TaskFilter): boolean {
  return (
    (filter.scope === undefined || row.scope === filter.scope) &&
    (filter.taskId === undefined || row.taskId === filter.taskId) &&
    (filter.backend === undefined || row.backend === filter.backend) &&
    (filter.states === undefined || (filter.states as readonly string[]).includes(row.state))
  );
}

function toJson(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

/** Half a surrogate pair has no UTF-8 form: two different ids would become the same on disk. */
function checkWellFormed(...ids: readonly string[]): void {
  const broken = ids.find((id) => !id.isWellFormed());
  if (broken === undefined) return;
  throw invalidRequest(say('id-surrogate', { id: JSON.stringify(broken) }));
}
