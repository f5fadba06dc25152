import { createOwner, type LearnedUpdate } from '@holodeck/core/stores';
import type { WithPermits } from './describe-permit-store.ts';
import type { SuiteRunner } from './suite-runner.ts';

const lane = 'hunyuan/ap-guangzhou/0123456789abcdef';
const about = 'auto';

/** What a permit store promises to clients that share what they learn. */
export function describeLearned({ describe, it, expect }: SuiteRunner, withPermits: WithPermits): void {
  const owner = createOwner().id;
  const other = createOwner().id;
  const update = { lane, about, learned: 'three', revision: 0, phases: [], wake: false } satisfies LearnedUpdate;

  describe('what is learned together', () => {
    it(
      'is kept under a revision, and by the first of two who begin from the same one',
      withPermits(async (fixture) => {
        const permits = fixture.permits;
        const second = await fixture.open();
        expect((await permits.snapshotLane(lane, about)).record).toBe(undefined);
        expect(await permits.compareAndSetLearned(update)).toBe(true);
        expect(await second.compareAndSetLearned({ ...update, learned: 'four' })).toBe(false);
        const first = (await second.snapshotLane(lane, about)).record;
        expect({ learned: first?.learned, revision: first?.revision }).toEqual({ learned: 'three', revision: 1 });
        expect(await second.compareAndSetLearned({ ...update, learned: 'two "2" 二', revision: 1 })).toBe(true);
        expect(await permits.compareAndSetLearned({ ...update, learned: 'five', revision: 1 })).toBe(false);
        const record = (await permits.snapshotLane(lane, about)).record;
        expect({ learned: record?.learned, revision: record?.revision }).toEqual({
          learned: 'two "2" 二',
          revision: 2,
        });
      }),
    );

    it(
      'reports how old it is',
      withPermits(async (fixture) => {
        const permits = fixture.permits;
        const beforeMs = performance.now();
        await permits.compareAndSetLearned(update);
        const keptMs = performance.now();
        await new Promise((resolve) => setTimeout(resolve, 50));
        const askedMs = performance.now();
        const ageMs = (await permits.snapshotLane(lane, about)).record?.ageMs ?? -1;
        // Clocks of whole milliseconds may round up or down.
        expect(ageMs).toBeGreaterThanOrEqual(askedMs - keptMs - 2);
        expect(ageMs).toBeLessThanOrEqual(performance.now() - beforeMs + 2);
      }),
    );

    it(
      'keeps lanes and settings apart',
      withPermits(async (fixture) => {
        const permits = fixture.permits;
        await permits.compareAndSetLearned(update);
        await permits.compareAndSetLearned({ ...update, about: 'told 2', learned: 'two' });
        expect((await permits.snapshotLane(lane, about)).record?.learned).toBe('three');
        expect((await permits.snapshotLane(lane, 'told 2')).record?.learned).toBe('two');
        expect((await permits.snapshotLane('another', about)).record).toBe(undefined);
      }),
    );

    it(
      'shows permits in the order of their grants, and what has become of them',
      withPermits(async (fixture) => {
        const permits = fixture.permits;
        const second = await fixture.open();
        for (const [key, holder] of [
          ['z', owner],
          ['m', other],
          ['a', owner],
        ] as const) {
          await permits.tryAcquire({ lane, limit: 3, key, owner: holder });
        }
        await permits.adopt({ lane, key: 'resumed', owner });
        const phases = [
          { key: 'm', phase: 'running' },
          { key: 'a', phase: 'ended' },
          { key: 'unknown', phase: 'running' },
        ] as const;
        expect(await permits.compareAndSetLearned({ ...update, phases })).toBe(true);
        // The store refuses the whole update, including the phases.
        expect(await second.compareAndSetLearned({ ...update, phases: [{ key: 'z', phase: 'ended' }] })).toBe(false);
        expect((await second.snapshotLane(lane, about)).permits).toEqual([
          { key: 'z', owner, phase: 'waiting' },
          { key: 'm', owner: other, phase: 'running' },
          { key: 'a', owner, phase: 'ended' },
          { key: 'resumed', owner, phase: 'running' },
        ]);
        await permits.release(lane, 'm');
        await permits.tryAcquire({ lane, limit: 4, key: 'm', owner });
        const again = (await second.snapshotLane(lane, about)).permits;
        expect(again.map(({ key, phase }) => `${key} ${phase}`)).toEqual([
          'z waiting',
          'a ended',
          'resumed running',
          'm waiting',
        ]);
      }),
    );

    it(
      'lets those who wait ask again where there is room for more, and only then',
      withPermits(async (fixture) => {
        const permits = fixture.permits;
        const second = await fixture.open();
        const never = new AbortController().signal;
        await permits.tryAcquire({ lane, limit: 1, key: 'key', owner });
        expect(await second.tryAcquire({ lane, limit: 1, key: 'waiting', owner: other })).toBe(false);
        let woken = 'nobody';
        const waits = second.waitForRelease(lane, 600_000, never).then(() => (woken = 'the one who waited'));
        await permits.compareAndSetLearned(update);
        await new Promise((resolve) => setImmediate(resolve));
        expect(woken).toBe('nobody');
        await permits.compareAndSetLearned({ ...update, revision: 1, wake: true });
        await waits;
        expect(await second.tryAcquire({ lane, limit: 2, key: 'waiting', owner: other })).toBe(true);
      }),
    );
  });
}
