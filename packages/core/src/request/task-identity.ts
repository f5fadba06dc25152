import { sep } from 'node:path';
import { invalidRequest } from '../contract/index.ts';
import type { ImageBackend } from '../contract/index.ts';
import { asImageError } from '../tasks/as-image-error.ts';
import { sha256Hex } from './canonical-json.ts';
import type { GenerationFailure } from '../tasks/generation-result.ts';
import type { GenerationTask } from './generation-task.ts';
import type { Ordinals } from './ordinals.ts';
import { outputTarget } from '../files/output-target.ts';
import type { OutputTarget } from '../files/output-target.ts';
import { showValue } from '../internal/show-value.ts';
import { say } from './request-messages.ts';
import { prepareRequest } from './prepare-request.ts';
import type { PreparedRequest } from './prepare-request.ts';
import type { TaskEvent } from '../tasks/task-event.ts';

const defaultScope = 'tasks';

/** A checked task: its id, request and target. */
export interface IdentifiedTask {
  readonly scope: string;
  readonly taskId: string;
  readonly prepared: PreparedRequest;
  readonly target: OutputTarget | undefined;
  /** Frees the default id, because repeating a failed task is the same task. */
  readonly release: () => void;
  /** Whether it may replace a file that it has not written. */
  readonly overwrite: boolean;
}

/** @throws {ImageError} kind `invalid-request` or `unsupported`, before anything is sent. */
export async function identifyTask(
  task: GenerationTask,
  backend: ImageBackend,
  onUnsupported: 'error' | 'warn',
  outputDir: string | undefined,
  ordinals: Ordinals,
  signal?: AbortSignal,
): Promise<IdentifiedTask> {
  const prepared = await prepareRequest(task, backend, onUnsupported, signal);
  const scope = checkedName(task.scope, 'scope') ?? defaultScope;
  if (
    task.outputPath !== undefined &&
    (typeof task.outputPath !== 'string' || task.outputPath.trim() === '' || task.outputPath.includes('\0'))
  ) {
    throw invalidRequest(say('output-path', { value: showValue(task.outputPath) }));
  }
  if (task.outputPath !== undefined && (task.outputPath.endsWith('/') || task.outputPath.endsWith(sep)))
    throw invalidRequest(say('output-path-folder', { value: showValue(task.outputPath) }));
  const { overwrite = false } = task;
  if (typeof overwrite !== 'boolean') throw invalidRequest(say('overwrite', { value: showValue(overwrite) }));
  if (task.priority !== undefined && !Number.isFinite(task.priority))
    throw invalidRequest(say('priority', { value: String(task.priority) }));
  const given = checkedName(task.taskId, 'taskId');
  if (given !== undefined) {
    return {
      scope,
      taskId: given,
      prepared,
      overwrite,
      target: outputTarget(task.outputPath, outputDir, given),
      release: () => undefined,
    };
  }
  const identity = sha256Hex(JSON.stringify([scope, prepared.hash, task.outputPath ?? '']));
  const ordinal = ordinals.take(identity);
  const taskId = ordinal === 0 ? identity.slice(0, 16) : `${identity.slice(0, 16)}-${ordinal + 1}`;
  return {
    scope,
    taskId,
    prepared,
    overwrite,
    target: outputTarget(task.outputPath, outputDir, taskId),
    release: () => ordinals.free(identity, ordinal),
  };
}

/** The result of a task that was refused before anything was sent. */
export function refusedTask(
  task: GenerationTask,
  thrown: unknown,
  backend: ImageBackend,
  onProgress?: (event: TaskEvent) => void,
): GenerationFailure {
  const error = asImageError(thrown, {
    kind: 'internal',
    outcome: 'not-submitted',
    backend: backend.name,
    ...say('task-unprepared'),
  });
  const taskId = typeof task?.taskId === 'string' ? task.taskId : 'refused';
  const result: GenerationFailure = {
    success: false,
    error,
    taskId,
    scope: typeof task?.scope === 'string' ? task.scope : defaultScope,
    backend: backend.name,
    model: backend.model,
    attempts: 0,
    paidAttempts: 0,
    warnings: [],
    timings: { queuedMs: 0, totalMs: 0 },
    ...(task?.metadata === undefined ? {} : { metadata: task.metadata }),
  };
  try {
    onProgress?.({ type: 'settled', taskId, result });
  } catch {
    // The callback's error is not the task's: the caller still gets the result.
  }
  return result;
}

function checkedName(value: unknown, name: string): string | undefined {
  if (value === undefined) return undefined;
  if (
    typeof value !== 'string' ||
    value === '' ||
    value.length > 200 ||
    !value.isWellFormed() ||
    value.includes('\0')
  ) {
    throw invalidRequest(say('task-name', { name, value: showValue(value) }));
  }
  return value;
}
