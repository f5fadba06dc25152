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
import { invalidRequest, isRecord } from '@holodeck/core/backend';
import { mapFileOptions, pathOfOption } from './job-files.ts';
import { say } from './queue-messages.ts';

/** A picture's bytes as JSON. */
interface BytesJson {
  readonly bytesBase64?: string;
}

/** A reference as JSON: bytes become base64. */
type ReferenceJson = Omit<ReferenceInput, 'bytes'> & BytesJson;

/** A task in a job: plain JSON, with its id. */
export type ImageJobTask = Omit<GenerationTask, 'references' | 'taskId'> & {
  readonly taskId: string;
  readonly references?: readonly ReferenceJson[];
};

/** The data of a job. Readers ignore unknown fields. */
export interface ImageJobData {
  readonly version: 1;
  readonly task: ImageJobTask;
  /** How often the job was put back without using up an attempt. */
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

/** The most bytes of a job as JSON: without those of its pictures, and with them. */
const maxTextBytes = 1024 * 1024;
const maxJobBytes = 32 * maxTextBytes;

/** The priorities of a queue are whole numbers from -1 000 000 to 1 000 000. */
export const priorityRange = 1_000_000;

/** BullMQ's priority: lower numbers run first. Every job has one, so that equal ones keep their order. */
export function bullPriorityOf(priority: number): number {
  return priorityRange + 1 - priority;
}

/** @throws {ImageError} kind `invalid-request`. */
export function encodeTask(task: GenerationTask, taskId: string): ImageJobTask {
  const { references, providerOptions, priority = 0, ...rest } = task;
  if (!Number.isSafeInteger(priority) || Math.abs(priority) > priorityRange) {
    throw invalidRequest(say('priority-range', { taskId, priority: String(priority) }));
  }
  const encoded = references?.map(({ bytes, path, ...reference }) => ({
    ...reference,
    // The worker has another working directory.
    ...(path === undefined ? {} : { path: resolve(path) }),
    ...(bytes === undefined ? {} : encodeBytes(bytes)),
  }));
  return {
    ...rest,
    priority,
    taskId,
    ...(encoded === undefined ? {} : { references: encoded }),
    ...(providerOptions === undefined ? {} : { providerOptions: mapFileOptions(providerOptions, encodeFileOption) }),
  };
}

/** @throws {ImageError} kind `internal`, outcome `unknown`, for damaged data. */
export function decodeTask(task: unknown, taskId: string): GenerationTask {
  if (!isJobTask(task)) throw damagedError(taskId);
  const { references, providerOptions, ...rest } = task;
  return {
    ...rest,
    ...(references === undefined ? {} : { references: references.map(decodeBytes) }),
    ...(providerOptions === undefined ? {} : { providerOptions: mapFileOptions(providerOptions, decodeBytes) }),
  };
}

/** The data of a job is damaged. The outcome is unknown, because an earlier worker may have sent the job. */
export function damagedError(taskId: string): ImageError {
  return new ImageError({ kind: 'internal', outcome: 'unknown', ...say('job-damaged', { taskId }) });
}

/**
 * Bounds a job, because the server keeps it in memory and sends it to each worker that takes it.
 * @throws {ImageError} kind `invalid-request`.
 */
export function checkPayload(task: ImageJobTask): void {
  const { taskId } = task;
  const bytes = Buffer.byteLength(JSON.stringify(task));
  if (bytes <= maxTextBytes) return;
  const text = Buffer.byteLength(JSON.stringify(task, (key, value: unknown) => (key === 'bytesBase64' ? '' : value)));
  if (text > maxTextBytes) throw invalidRequest(say('payload-text', { taskId, bytes: text, most: maxTextBytes }));
  if (bytes > maxJobBytes) throw invalidRequest(say('payload-references', { taskId, bytes, most: maxJobBytes }));
}

function encodeBytes(bytes: Uint8Array): BytesJson {
  return { bytesBase64: Buffer.from(bytes).toString('base64') };
}

function encodeFileOption(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeBytes(value);
  if (isRecord(value) && value['bytes'] instanceof Uint8Array) return encodeBytes(value['bytes']);
  const path = pathOfOption(value);
  return path === undefined ? value : resolve(path);
}

/** A reference, or the option of a file, with its bytes. */
function decodeBytes<Value>(value: Value): Value {
  if (!isRecord(value) || typeof value['bytesBase64'] !== 'string') return value;
  const { bytesBase64, ...rest } = value;
  return { ...rest, bytes: new Uint8Array(Buffer.from(bytesBase64, 'base64')) } as Value;
}

function isJobTask(task: unknown): task is ImageJobTask {
  if (!isRecord(task)) return false;
  const { taskId, prompt, scope = '', references = [], providerOptions = {} } = task;
  if (![taskId, prompt, scope].every((value) => typeof value === 'string') || !isRecord(providerOptions)) return false;
  return (
    Array.isArray(references) &&
    references.every(
      (one: unknown) =>
        isRecord(one) &&
        [one['path'], one['bytesBase64']].every((value) => ['string', 'undefined'].includes(typeof value)),
    )
  );
}

/** Equal tasks have equal ids, so that the same task twice is one job. Priority and metadata do not count. */
export function jobIdOf({ priority: _priority, metadata: _metadata, ...task }: ImageJobTask): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(task)))
    .digest('hex')
    .slice(0, 40);
}

/** A hash of the request, for tasks without an id. */
export function taskHash({
  taskId: _id,
  priority: _priority,
  metadata: _metadata,
  overwrite: _overwrite,
  ...request
}: GenerationTask): string {
  const { taskId: _empty, priority: _zero, ...encoded } = encodeTask(request, '');
  return createHash('sha256')
    .update(JSON.stringify(sorted(encoded)))
    .digest('hex')
    .slice(0, 16);
}

/** A result as JSON. Its images are files: bytes would be lost with the worker. */
export function encodeResult(result: GenerationResult): ImageJobResult {
  if (result.success) return { ...result };
  return { ...result, error: result.error.toJSON() };
}

/** @throws {ImageError} kind `internal` for damaged data. */
export function decodeResult(
  json: unknown,
  { taskId, scope }: Pick<ImageJobTask, 'taskId' | 'scope'>,
): GenerationResult {
  if (isRecord(json) && json['success'] === true && Array.isArray(json['images']))
    return json as unknown as GenerationResult;
  if (!isRecord(json) || !isRecord(json['error'])) throw damagedError(taskId);
  const error = ImageError.fromJSON(json['error'] as unknown as ImageErrorJson);
  return { ...json, taskId, scope, success: false, error } as unknown as GenerationResult;
}

/** An event as JSON, without previews: they are large and soon replaced. */
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
