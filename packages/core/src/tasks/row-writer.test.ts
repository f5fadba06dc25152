import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ImageError } from '../contract/index.ts';
import { createMemoryStore } from '../stores/index.ts';
import type { Store } from '../stores/index.ts';
import type { TaskRow, TaskStore } from '../stores/task-store.ts';
import { RowWriter } from './row-writer.ts';

const id = { scope: 'tasks', taskId: 'cat', requestHash: 'a'.repeat(64), attempt: 1 };
const handle = {
  version: 1,
  backend: 'scripted',
  lane: 'account',
  credential: '0',
  jobId: 'job-1',
  key: 'key-1',
  acceptedAtMs: 5,
} as const;

let store: Store;
let faults: ImageError[];
let writer: RowWriter;
/** What the store does with the next writes. */
let state: 'well' | 'away' | 'deaf';

/** The store in memory, which can be away, or take a write and lose the answer. */
function troubled(tasks: TaskStore): TaskStore {
  const away = new ImageError({ kind: 'storage', outcome: 'unknown', message: 'The store is away.' });
  return new Proxy(tasks, {
    get: (target, name) => {
      if (name !== 'update') return Reflect.get(target, name).bind(target);
      return async (...args: Parameters<TaskStore['update']>) => {
        if (state === 'away') throw away;
        const row = await target.update(...args);
        if (state === 'deaf') throw away;
        return row;
      };
    },
  });
}

const stored = (): Promise<TaskRow | undefined> => store.tasks.get(id);

beforeEach(async () => {
  state = 'well';
  faults = [];
  store = createMemoryStore();
  const row = {
    ...id,
    key: 'key-1',
    state: 'submitting',
    backend: 'scripted',
    model: 'model',
    fingerprint: 'scripted model',
    lane: 'account',
    request: { prompt: 'a cat' },
    owner: 'owner-1',
    createdAtMs: 1,
  } as const;
  await store.tasks.begin(row);
  writer = new RowWriter(troubled(store.tasks), (await stored()) as TaskRow, (error) => faults.push(error));
});
afterEach(() => store.close());

describe('the writer of a row whose store was away when the job was accepted', () => {
  it('writes it with what comes next, once the store is back', async () => {
    state = 'away';
    await writer.writeBestEffort({ state: 'accepted', handle, acceptedAtMs: 5 }, { durable: true });
    await writer.writeBestEffort({ state: 'received' });
    expect(writer.row).toMatchObject({ state: 'received', handle });
    expect(await stored()).toMatchObject({ state: 'submitting' });
    expect([writer.isBehind, faults.length]).toEqual([true, 1]);
    state = 'well';
    writer.note({ endedAtMs: 9 });
    await writer.writeBestEffort({ state: 'done', owner: null });
    expect(await stored()).toMatchObject({ state: 'done', owner: null, handle, acceptedAtMs: 5, endedAtMs: 9 });
    expect([writer.isBehind, faults.length]).toEqual([false, 1]);
  });

  it('holds back nothing that comes after the next write that must not fail', async () => {
    state = 'away';
    await writer.writeBestEffort({ state: 'rejected', error: null });
    state = 'well';
    await writer.write({ state: 'submitting' });
    await writer.writeBestEffort({ state: 'accepted', handle });
    expect(await stored()).toMatchObject({ state: 'accepted', handle });
    expect([writer.isBehind, faults.length]).toEqual([false, 1]);
  });

  it('goes on from a write that was carried out although its answer was lost', async () => {
    state = 'deaf';
    await writer.writeBestEffort({ state: 'accepted', handle });
    state = 'well';
    await writer.writeBestEffort({ state: 'done', owner: null });
    expect(await stored()).toMatchObject({ state: 'done', owner: null, handle });
    expect([writer.isBehind, writer.isTakenOver]).toEqual([false, false]);
  });

  it('leaves the row to its new owner', async () => {
    state = 'away';
    await writer.writeBestEffort({ state: 'accepted', handle });
    state = 'well';
    const { revision } = (await stored()) as TaskRow;
    await store.tasks.update(id, revision, { state: 'unknown', owner: null });
    await writer.writeBestEffort({ state: 'done', owner: null });
    expect(await stored()).toMatchObject({ state: 'unknown' });
    expect([writer.isBehind, writer.isTakenOver]).toEqual([true, false]);
  });
});
