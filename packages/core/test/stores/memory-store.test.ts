import { createMemoryStore, type TaskRow } from '@holodeck/core/stores';
import { describe, expect, it } from 'vitest';

const row: Omit<TaskRow, 'revision' | 'updatedAtMs'> = {
  scope: 'tasks',
  taskId: 'task',
  requestHash: 'a'.repeat(64),
  attempt: 1,
  key: 'key',
  state: 'submitting',
  backend: 'hunyuan',
  model: 'image-3.0',
  fingerprint: 'fingerprint',
  lane: 'lane',
  request: {},
  owner: null,
  createdAtMs: 1,
};

describe('createMemoryStore', () => {
  it('drops the oldest settled rows, but never an open or unknown one', async () => {
    const { tasks } = createMemoryStore({ maxSettledRows: 3 });
    const states = ['done', 'unknown', 'failed', 'submitting', 'lost', 'rejected', 'done', 'accepted', 'done'] as const;
    for (const [index, state] of states.entries()) await tasks.begin({ ...row, taskId: `task-${index}`, state });
    const kept: string[] = [];
    for await (const { taskId, state } of tasks.list()) kept.push(`${taskId} ${state}`);
    expect(kept).toEqual([
      'task-1 unknown',
      'task-3 submitting',
      'task-5 rejected',
      'task-6 done',
      'task-7 accepted',
      'task-8 done',
    ]);
    expect(await tasks.latest('tasks', 'task-0', row.requestHash)).toBeUndefined();
    expect(await tasks.begin({ ...row, taskId: 'task-0' })).toBe(true);
  });

  it('keeps a settled row that is opened again', async () => {
    const { tasks } = createMemoryStore({ maxSettledRows: 1 });
    await tasks.begin({ ...row, taskId: 'first', state: 'done' });
    await tasks.update({ ...row, taskId: 'first' }, 1, { state: 'accepted' });
    for (const taskId of ['second', 'third']) await tasks.begin({ ...row, taskId, state: 'done' });
    expect(await tasks.get({ ...row, taskId: 'first' })).toMatchObject({ state: 'accepted' });
    expect(await tasks.get({ ...row, taskId: 'second' })).toBeUndefined();
  });
});
