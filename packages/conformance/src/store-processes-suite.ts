import { createOwner } from '@holodeck/core/stores';
import type { WithStore } from './describe-store.ts';
import { sampleRow } from './sample-row.ts';
import type { SuiteRunner } from './suite-runner.ts';

/** What a store promises to several processes, some of which are killed. */
export function describeStoreProcesses({ describe, it, expect }: SuiteRunner, withStore: WithStore): void {
  describe('several processes', () => {
    it(
      'keeps everything when all handles are closed',
      withStore(async ({ store, open, close }) => {
        await store.tasks.begin(sampleRow());
        await store.tasks.update(sampleRow(), 1, { state: 'ended', endedAtMs: 7 });
        const row = await store.tasks.get(sampleRow());
        const session = { sessionId: 's', state: 'locked', epoch: 3, data: { scene: '阁楼' } } as const;
        const asset = {
          sessionId: 's',
          assetId: 'scene-reference',
          epoch: 3,
          state: 'current',
          data: {},
          updatedAtMs: 1,
        } as const;
        await store.sessions.publish('s', () => ({ session: { ...session, revision: 0 }, assets: [asset] }));
        await store.sessions.appendEvent('s', 'locked', { epoch: 3 });
        const events = await store.sessions.events('s');
        await close(store);
        const again = await open();
        expect(await again.tasks.get(sampleRow())).toEqual(row);
        expect(await again.sessions.list()).toEqual([{ ...session, revision: 1 }]);
        expect(await again.sessions.assets('s')).toEqual([asset]);
        expect(await again.sessions.events('s')).toEqual(events);
      }),
    );

    it(
      'shows each process what the other wrote, at once',
      withStore(async ({ store, startChild }) => {
        const child = await startChild();
        expect(await child.call({ type: 'begin', taskIds: ['theirs'] })).toEqual(['theirs']);
        expect((await store.tasks.get(sampleRow({ taskId: 'theirs' })))?.state).toBe('submitting');
        await store.tasks.begin(sampleRow({ taskId: 'ours' }));
        expect(await child.call({ type: 'begin', taskIds: ['ours', 'new'] })).toEqual(['new']);
        await store.sessions.appendEvent('s', 'noted', {});
        expect(await child.call({ type: 'append-events', sessionId: 's', times: 2 })).toEqual([2, 3]);
        expect(await store.sessions.events('s')).toHaveLength(3);
      }),
    );

    // The core of "no crash pays twice": exactly one of several processes takes over the row of a killed one.
    it(
      'sees a killed process at once, and lets one survivor take its row over',
      withStore(async ({ store, open, startChild }) => {
        const child = await startChild();
        const dead = String(await child.call({ type: 'register-owner' }));
        await child.call({ type: 'begin', taskIds: ['task'] });
        expect(await store.isOwnerAlive(dead)).toBe(true);
        await child.kill();
        expect(await store.isOwnerAlive(dead)).toBe(false);
        const row = await store.tasks.get(sampleRow());
        expect(row?.owner).toBe(dead);
        const other = await open();
        const takers = [createOwner().id, createOwner().id] as const;
        const results = await Promise.all([
          store.tasks.update(sampleRow(), 1, { owner: takers[0] }),
          other.tasks.update(sampleRow(), 1, { owner: takers[1] }),
        ]);
        expect(results.filter((taken) => taken !== undefined)).toHaveLength(1);
        expect(await store.tasks.forget('tasks', 'task')).toBe(1);
      }),
    );

    it(
      'loses and doubles nothing when two processes write as fast as they can',
      withStore(async ({ store, startChild }) => {
        const children = await Promise.all([startChild(), startChild()]);
        const taskIds = Array.from({ length: 200 }, (_, index) => `task-${index}`);
        await store.tasks.begin(sampleRow({ taskId: 'counter' }));
        const everyone = async (command: Parameters<(typeof children)[0]['call']>[0]) =>
          Promise.all(children.map((child) => child.call(command)));

        const won = (await everyone({ type: 'begin', taskIds })).flatMap((ids) => ids as string[]);
        expect(won.toSorted()).toEqual(taskIds.toSorted());

        await everyone({ type: 'update', taskId: 'counter', times: 100 });
        expect(await store.tasks.get(sampleRow({ taskId: 'counter' }))).toMatchObject({
          acceptedAtMs: 200,
          revision: 201,
        });

        await everyone({ type: 'publish', sessionId: 's', times: 30 });
        expect(await store.sessions.get('s')).toMatchObject({ data: { count: 60 }, revision: 60 });

        const numbers = (await everyone({ type: 'append-events', sessionId: 's', times: 50 })).flatMap(
          (sequences) => sequences as number[],
        );
        const events = await store.sessions.events('s');
        expect(events.map((event) => event.sequence)).toEqual(Array.from({ length: 160 }, (_, index) => index + 1));
        expect(events.slice(0, 60).map((event) => event.data['count'])).toEqual(
          Array.from({ length: 60 }, (_, index) => index + 1),
        );
        expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index + 61));
      }),
    );

    it(
      'stays whole when processes are killed while they write',
      withStore(async ({ store, startChild }) => {
        for (let round = 1; round <= 3; round += 1) {
          const child = await startChild();
          const killed = child.call({ type: 'publish', sessionId: 's', times: 100_000 }).catch(() => 'killed');
          // Kill it in the middle of its work: after a dozen sections of this round.
          const target = round * 12;
          while (((await store.sessions.get('s'))?.revision ?? 0) < target) {
            await new Promise((resolve) => setImmediate(resolve));
          }
          await child.kill();
          expect(await killed).toBe('killed');
        }
        const session = await store.sessions.get('s');
        const events = await store.sessions.events('s');
        // The record and the event of a section are written together or not at all.
        expect(session?.data['count']).toBe(session?.revision);
        expect(events.map((event) => event.data['count'])).toEqual(
          Array.from({ length: session?.revision ?? 0 }, (_, index) => index + 1),
        );
      }),
    );
  });
}
