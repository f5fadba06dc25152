import type { GenerationFailure, GenerationResult, ImageBackend, ImageError } from '@holodeck/core';

/** The failure of a task that ended outside a client, or after it (`made`). */
export function failureOfTask(
  task: { readonly taskId: string; readonly scope?: string },
  backend: Pick<ImageBackend, 'name' | 'model'> | undefined,
  error: ImageError,
  made?: GenerationResult,
): GenerationFailure {
  const before = {
    taskId: task.taskId,
    scope: task.scope ?? 'tasks',
    backend: backend?.name ?? error.backend,
    model: backend?.model ?? '',
    attempts: 0,
    paidAttempts: 0,
    warnings: [],
    timings: { queuedMs: 0, totalMs: 0 },
  };
  if (made?.success !== true) return { ...before, success: false, error };
  const { images: _images, source: _source, ...rest } = made;
  return { ...rest, success: false, error };
}
