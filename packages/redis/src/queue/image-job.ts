import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import {
  ImageError,
  type GenerationResult,
  type GenerationTask,
  type ImageErrorJson,
  type ReferenceInput,
  type TaskEvent,
} from '@holodeck/core';
import { invalidRequest } from '@holodeck/core/backend';
import { say } from './queue-messages.ts';

/** A reference as JSON: bytes become base64. */
type ReferenceJson = Omit<ReferenceInput, 'bytes'> & { readonly bytesBase64?: string };

/** A task as a job carries it: plain JSON, with its id. */
export type ImageJobTask = Omit<GenerationTask, 'references' | 'taskId'> & {
  readonly taskId: string;
  readonly references?: readonly ReferenceJson[];
};

/** What a job of the queue holds. Readers accept fields that they do not know. */
export interface ImageJobData {
  readonly version: 1;
  readonly task: ImageJobTask;
  /** How often the job was put back without using up an attempt, by cause. */
  readonly requeues?: number;
  /** The result of a job that failed; a job that completed returns its result. */
  readonly failure?: ImageJobResult;
}

/** A `GenerationResult` as plain JSON: the error in its JSON form, no bytes. */
export type ImageJobResult = Readonly<Record<string, unknown>> & {
  readonly success: boolean;
  readonly taskId: string;
  readonly scope: string;
};

/** Priorities that a queue can tell apart: whole numbers from -1 000 000 to 1 000 000. */
export const priorityRange = 1_000_000;

/** BullMQ's priority, where lower numbers go first and every job has one, so that equal ones keep their order. */
export function bullPriorityOf(priority: number): number {
  return priorityRange + 1 - priority;
}

/** @throws {ImageError} kind `invalid-request`. */
export function encodeTask(task: GenerationTask, taskId: string): ImageJobTask {
  const { references, priority = 0, ...rest } = task;
  if (!Number.isSafeInteger(priority) || Math.abs(priority) > priorityRange) {
    throw invalidRequest(say('priority-range', { taskId, priority: String(priority) }));
  }
  const encoded = references?.map(({ bytes, path, ...reference }) => ({
    ...reference,
    // A worker has another working folder.
    ...(path === undefined ? {} : { path: resolve(path) }),
    ...(bytes === undefined ? {} : { bytesBase64: Buffer.from(bytes).toString('base64') }),
  }));
  return { ...rest, priority, taskId, ...(encoded === undefined ? {} : { references: encoded }) };
}

export function decodeTask({ references, ...task }: ImageJobTask): GenerationTask {
  const decoded = references?.map(({ bytesBase64, ...reference }) =>
    bytesBase64 === undefined ? reference : { ...reference, bytes: new Uint8Array(Buffer.from(bytesBase64, 'base64')) },
  );
  return { ...task, ...(decoded === undefined ? {} : { references: decoded }) };
}

/** Equal tasks have equal jobs, so that asking twice waits for one job. Priority and metadata do not make a difference. */
export function jobIdOf({ priority: _priority, metadata: _metadata, ...task }: ImageJobTask): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(task)))
    .digest('hex')
    .slice(0, 40);
}

/** A hash of what is asked, for tasks without an id of their own. */
export function taskHash({
  taskId: _id,
  priority: _priority,
  metadata: _metadata,
  ...request
}: GenerationTask): string {
  const { taskId: _empty, priority: _zero, ...encoded } = encodeTask(request, '');
  return createHash('sha256')
    .update(JSON.stringify(sorted(encoded)))
    .digest('hex')
    .slice(0, 16);
}

/** Images must be files: a result with bytes would be lost with the worker that holds it. */
export function encodeResult(result: GenerationResult): ImageJobResult {
  if (result.success) return { ...result };
  return { ...result, error: result.error.toJSON() };
}

export function decodeResult(json: ImageJobResult): GenerationResult {
  if (json.success) return json as unknown as GenerationResult;
  const error = ImageError.fromJSON(json['error'] as ImageErrorJson);
  return { ...json, error } as unknown as GenerationResult;
}

/** An event as JSON; previews are left out, since they are large and soon replaced. */
export function encodeEvent(event: TaskEvent): TaskEvent | undefined {
  if (event.type === 'settled') return undefined;
  if (event.type !== 'progress') return event;
  const { progress } = event;
  const small = Object.entries(progress).filter(([, value]) => !(value instanceof Uint8Array));
  return { ...event, progress: Object.fromEntries(small) as unknown as typeof progress };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, item]) => [name, sorted(item)]),
  );
}
