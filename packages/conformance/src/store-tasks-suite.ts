import { ImageError } from '@holodeck/core';
import { createOwner, type TaskFilter, type TaskRow, type TaskState } from '@holodeck/core/stores';
import type { StoreFixture, WithStore } from './describe-store.ts';
import { rejectionOf } from './rejection.ts';
import { sampleRow } from './sample-row.ts';
import type { SuiteRunner } from './suite-runner.ts';

const handle = {
  version: 1,
  backend: 'hunyuan',
  lane: 'lane',
  credential: '0123456789abcdef',
  jobId: 'job-1',
  key: 'key',
  acceptedAtMs: 2_000,
  data: { region: 'ap-guangzhou' },
} as const;

/** What `TaskStore` promises to one process. */
export function describeStoreTasks({ describe, it, expect }: SuiteRunner, withStore: WithStore): void {
  describe('tasks', () => {
    // One submission per row: the second caller must see that it is second.
    it(
      'begins a row once',
      withStore(async ({ store }) => {
        expect(await store.tasks.begin(sampleRow({ owner: 'first' }))).toBe(true);
        expect(await store.tasks.begin(sampleRow({ owner: 'second', key: 'other' }), { durable: true })).toBe(false);
        expect((await store.tasks.get(sampleRow()))?.owner).toBe('first');
      }),
    );

    // An image from the result cache was never submitted, so its row begins in a later state.
    it(
      'begins a row that is received already',
      withStore(async ({ store }) => {
        const image = { sha256: 'b'.repeat(64), byteLength: 5, width: 1, height: 2, mediaType: 'image/png' };
        const images = [{ ...image, path: 'a.png', temporaryPath: '.a.part' }];
        await store.tasks.begin(sampleRow({ state: 'received', images }));
        expect(await store.tasks.get(sampleRow())).toMatchObject({ state: 'received', images });
        const listed: string[] = [];
        for await (const row of store.tasks.list({ states: ['submitting', 'received'] })) listed.push(row.state);
        expect(listed).toEqual(['received']);
        const { scope, taskId, requestHash } = sampleRow();
        expect(await store.tasks.countPaid(scope, taskId, requestHash)).toBe(0);
      }),
    );

    it(
      'gives exactly one of many at once the row',
      withStore(async ({ store, open }) => {
        const other = await open();
        const tries = Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? store : other).tasks.begin(sampleRow({ key: `key-${index}` })),
        );
        expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
      }),
    );

    it(
      'gives back every field as it was, and leaves out what was absent',
      withStore(async ({ store }) => {
        const full = sampleRow({
          taskId: '任务 "1"\n',
          outputPath: 'cards/书架.png',
          owner: createOwner().id,
          handle,
          images: [
            {
              path: 'a.png',
              sha256: 'b'.repeat(64),
              byteLength: 5,
              width: 1,
              height: 2,
              mediaType: 'image/png',
              seed: 0,
            },
          ],
          error: { kind: 'timeout', outcome: 'accepted', message: 'late', retryable: true, backend: 'hunyuan' },
          warnings: [{ code: 'other', message: '' }],
          usage: { images: 1 } as never,
          metadata: { sessionId: 's', nested: { empty: '', zero: 0, no: false, none: null } },
          acceptedAtMs: 0,
          endedAtMs: 5_000,
        });
        await store.tasks.begin(full);
        const row = await store.tasks.get(full);
        expect(row).toEqual({ ...full, revision: 1, updatedAtMs: row?.updatedAtMs });
        expect(row?.updatedAtMs).toBeGreaterThan(0);
        await store.tasks.begin(sampleRow());
        const bare = await store.tasks.get(sampleRow());
        expect(Object.keys(bare ?? {}).toSorted()).toEqual(
          [...Object.keys(sampleRow()), 'revision', 'updatedAtMs'].toSorted(),
        );
      }),
    );

    it(
      'keeps what was written, whatever the caller does with its objects later',
      withStore(async ({ store }) => {
        const request = { prompt: 'before' };
        await store.tasks.begin(sampleRow({ request }));
        request.prompt = 'after';
        const read = await store.tasks.get(sampleRow());
        Object.assign(read?.request ?? {}, { prompt: 'changed in a copy' });
        expect((await store.tasks.get(sampleRow()))?.request).toEqual({ prompt: 'before' });
      }),
    );

    it(
      'updates only the revision that was read',
      withStore(async ({ store }) => {
        await store.tasks.begin(sampleRow({ owner: 'first' }));
        const version = await store.tasks.update(
          sampleRow(),
          1,
          { state: 'accepted', handle, acceptedAtMs: 9 },
          { durable: true },
        );
        const accepted = await store.tasks.get(sampleRow());
        expect(accepted).toMatchObject({ state: 'accepted', handle, acceptedAtMs: 9, owner: 'first', revision: 2 });
        expect(accepted).toMatchObject(version ?? {});
        expect(version).toMatchObject({ revision: 2 });
        expect(await store.tasks.update(sampleRow(), 1, { state: 'failed' })).toBeUndefined();
        expect(await store.tasks.get(sampleRow())).toEqual(accepted);
        expect(await store.tasks.update(sampleRow({ taskId: 'none' }), 1, { state: 'failed' })).toBeUndefined();
      }),
    );

    it(
      'lets exactly one of two take a row over',
      withStore(async ({ store, open }) => {
        const other = await open();
        await store.tasks.begin(sampleRow({ owner: 'dead' }));
        const [one, two] = await Promise.all([
          store.tasks.update(sampleRow(), 1, { owner: 'one' }),
          other.tasks.update(sampleRow(), 1, { owner: 'two' }),
        ]);
        expect([one, two].filter((version) => version !== undefined)).toHaveLength(1);
        expect((await store.tasks.get(sampleRow()))?.owner).toBe(one === undefined ? 'two' : 'one');
      }),
    );

    it(
      'removes optional fields by null and keeps the ones that a patch does not name',
      withStore(async ({ store }) => {
        const error = { kind: 'timeout', outcome: 'accepted', message: 'late', retryable: true, backend: 'x' } as const;
        await store.tasks.begin(sampleRow({ owner: 'me', error, metadata: { a: 1 } }));
        await store.tasks.update(sampleRow(), 1, { error: null, owner: null });
        const row = await store.tasks.get(sampleRow());
        expect(row !== undefined && 'error' in row).toBe(false);
        expect(row).toMatchObject({ owner: null, metadata: { a: 1 }, state: 'submitting' });
        const rejection = await rejectionOf(store.tasks.update(sampleRow(), 2, { state: null }));
        expect(ImageError.isInstance(rejection)).toBe(true);
      }),
    );

    it(
      'forgets tasks that are wholly done and old enough, and no others',
      withStore(async ({ store }) => {
        for (const taskId of ['old', 'open', 'lost', 'unknown']) {
          await store.tasks.begin(sampleRow({ taskId }));
          await store.tasks.update(sampleRow({ taskId }), 1, { state: 'done', handle });
          if (taskId === 'old') continue;
          const further = sampleRow({ taskId, attempt: 2 });
          await store.tasks.begin(further);
          if (taskId !== 'open') await store.tasks.update(further, 1, { state: taskId as TaskState });
        }
        const tasks = ['old', 'open', 'lost', 'unknown', 'none'].map((taskId) => ({ scope: 'tasks', taskId }));
        const { updatedAtMs = 0 } = (await store.tasks.get(sampleRow({ taskId: 'old' }))) ?? {};
        expect(await store.tasks.forgetDone(tasks, updatedAtMs)).toBe(0);
        expect(await store.tasks.forgetDone(tasks, updatedAtMs + 1e9)).toBe(1);
        const left = await collect(store.tasks.list());
        expect(left.map(({ taskId, attempt }) => `${taskId} ${attempt}`)).toEqual(
          ['open', 'lost', 'unknown'].flatMap((taskId) => [`${taskId} 1`, `${taskId} 2`]),
        );
      }),
    );

    it(
      'keeps a large answer of a row until it is removed',
      withStore(async ({ store }) => {
        const answer = 'b64'.repeat(20_000);
        await store.tasks.begin(sampleRow());
        await store.tasks.update(sampleRow(), 1, { state: 'accepted', handle: { ...handle, answer } });
        await store.tasks.update(sampleRow(), 2, { acceptedAtMs: 5 });
        expect((await store.tasks.get(sampleRow()))?.handle).toEqual({ ...handle, answer });
        expect((await store.tasks.latest('tasks', 'task', 'a'.repeat(64)))?.handle?.answer).toBe(answer);
        expect((await collect(store.tasks.list())).map((row) => row.handle?.answer)).toEqual([answer]);
        await store.tasks.update(sampleRow(), 3, { state: 'done', handle });
        expect((await store.tasks.get(sampleRow()))?.handle).toEqual(handle);
      }),
    );

    it(
      'finds the latest attempt and counts those that were paid',
      withStore(async ({ store }) => {
        const otherHash = 'b'.repeat(64);
        for (const attempt of [2, 10, 1]) await store.tasks.begin(sampleRow({ attempt }));
        await store.tasks.begin(sampleRow({ requestHash: otherHash, handle, state: 'accepted' }));
        await store.tasks.update(sampleRow({ attempt: 2 }), 1, { handle });
        await store.tasks.update(sampleRow({ attempt: 2 }), 2, { handle: null, state: 'lost' });
        expect((await store.tasks.latest('tasks', 'task', 'a'.repeat(64)))?.attempt).toBe(10);
        expect(await store.tasks.latest('tasks', 'task', 'c'.repeat(64))).toBeUndefined();
        expect(await store.tasks.latest('other', 'task', 'a'.repeat(64))).toBeUndefined();
        expect(await store.tasks.countPaid('tasks', 'task', 'a'.repeat(64))).toBe(1);
        expect(await store.tasks.countPaid('tasks', 'task')).toBe(2);
        expect(await store.tasks.countPaid('tasks', 'none', otherHash)).toBe(0);
        // What may not have been sent is not paid, nor what the provider gave up.
        const id = sampleRow({ requestHash: otherHash, attempt: 2, handle });
        await store.tasks.begin(id);
        expect(await store.tasks.countPaid('tasks', 'task', otherHash)).toBe(1);
        await store.tasks.update(id, 1, { state: 'accepted', handle });
        expect(await store.tasks.countPaid('tasks', 'task', otherHash)).toBe(2);
        await store.tasks.update(id, 2, { state: 'rejected' });
        expect(await store.tasks.countPaid('tasks', 'task', otherHash)).toBe(1);
      }),
    );

    it(
      'lists rows by filter, in order of creation',
      withStore(async (fixture) => listsByFilter(fixture)),
    );

    it(
      'lists many rows, also while they change',
      withStore(async ({ store }) => {
        const taskIds = Array.from({ length: 450 }, (_, index) => `task-${index}`);
        for (const taskId of taskIds) await store.tasks.begin(sampleRow({ taskId }));
        const seen: string[] = [];
        for await (const row of store.tasks.list({ states: ['submitting'] })) {
          seen.push(row.taskId);
          await store.tasks.update(row, row.revision, { state: 'done' });
        }
        expect(seen).toEqual(taskIds);
        expect(await collect(store.tasks.list({ states: ['submitting'] }))).toEqual([]);
      }),
    );

    it(
      'forgets a task, but not while somebody alive works on it',
      withStore(async ({ store }) => {
        const owner = createOwner();
        await store.registerOwner(owner);
        await store.tasks.begin(sampleRow({ owner: owner.id }));
        await store.tasks.begin(sampleRow({ attempt: 2, state: 'unknown' }));
        await store.tasks.begin(sampleRow({ scope: 'other' }));
        const refusal = await rejectionOf(store.tasks.forget('tasks', 'task'));
        expect(ImageError.isInstance(refusal) && refusal.kind).toBe('invalid-request');
        expect(await collect(store.tasks.list({ scope: 'tasks' }))).toHaveLength(2);
        await store.tasks.update(sampleRow(), 1, { owner: null });
        expect(await store.tasks.forget('tasks', 'task')).toBe(2);
        expect(await store.tasks.forget('tasks', 'task')).toBe(0);
        expect(await collect(store.tasks.list())).toHaveLength(1);
        expect(await store.tasks.begin(sampleRow())).toBe(true);
      }),
    );

    it(
      'refuses ids that have no UTF-8 form, which would become one on disk',
      withStore(async ({ store }) => {
        const refusal = await rejectionOf(store.tasks.begin(sampleRow({ taskId: 'half \ud800' })));
        expect(ImageError.isInstance(refusal) && refusal.kind).toBe('invalid-request');
      }),
    );
  });

  async function listsByFilter({ store }: StoreFixture): Promise<void> {
    const states: readonly TaskState[] = ['done', 'submitting', 'unknown', 'accepted'];
    for (const [index, state] of states.entries()) {
      await store.tasks.begin(
        sampleRow({ taskId: `task-${index}`, state, scope: index === 3 ? 'session/1' : 'tasks' }),
      );
    }
    await store.tasks.begin(sampleRow({ taskId: 'task-2', attempt: 2, backend: 'openai' }));
    const cases: readonly (readonly [TaskFilter, readonly string[]])[] = [
      [{}, ['task-0/1', 'task-1/1', 'task-2/1', 'task-3/1', 'task-2/2']],
      [{ scope: 'session/1' }, ['task-3/1']],
      [{ states: ['submitting', 'accepted', 'ended', 'received'] }, ['task-1/1', 'task-3/1', 'task-2/2']],
      [{ states: ['done', 'unknown'] }, ['task-0/1', 'task-2/1']],
      [{ states: [] }, []],
      [{ backend: 'openai' }, ['task-2/2']],
      [{ taskId: 'task-2' }, ['task-2/1', 'task-2/2']],
      [{ latestOnly: true }, ['task-0/1', 'task-1/1', 'task-3/1', 'task-2/2']],
      [{ latestOnly: true, states: ['unknown'] }, []],
      [{ latestOnly: true, states: ['submitting'], scope: 'tasks' }, ['task-1/1', 'task-2/2']],
    ];
    for (const [filter, expected] of cases) {
      const rows = await collect(store.tasks.list(filter));
      expect(
        rows.map((row) => `${row.taskId}/${row.attempt}`),
        JSON.stringify(filter),
      ).toEqual(expected);
    }
  }
}

async function collect(rows: AsyncIterable<TaskRow>): Promise<TaskRow[]> {
  const collected: TaskRow[] = [];
  for await (const row of rows) collected.push(row);
  return collected;
}
