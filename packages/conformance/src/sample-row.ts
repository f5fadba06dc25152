import type { TaskRow } from '@holodeck/core/stores';

/** A row in state `submitting`, with every field that a row must have. */
export function sampleRow(
  changes: Partial<Omit<TaskRow, 'revision' | 'updatedAtMs'>> = {},
): Omit<TaskRow, 'revision' | 'updatedAtMs'> {
  const { taskId = 'task', requestHash = 'a'.repeat(64), attempt = 1, scope = 'tasks' } = changes;
  return {
    scope,
    taskId,
    requestHash,
    attempt,
    key: `key of ${scope} ${taskId} ${requestHash} ${attempt}`,
    state: 'submitting',
    backend: 'hunyuan',
    model: 'image-3.0',
    fingerprint: 'fingerprint',
    lane: 'lane',
    request: { prompt: '雨夜的面馆', size: { width: 1024, height: 1024 } },
    owner: null,
    createdAtMs: 1_000,
    ...changes,
  };
}
