import { createOwner } from '@holodeck/core/stores';
import type { PermitFixture, WithPermits } from './describe-permit-store.ts';
import { eventually } from './eventually.ts';
import type { SuiteChild } from './suite-child.ts';
import type { SuiteRunner } from './suite-runner.ts';

const lane = 'hunyuan/ap-guangzhou/0123456789abcdef';
const processes = 4;
const limit = 2;
const acquisitions = 160;
const killEvery = 32;

/** What a permit store promises to several processes, some of which are killed. */
export function describePermitProcesses(
  { describe, it, expect }: SuiteRunner,
  withPermits: WithPermits,
  deadOwnerLeaseMs: number,
): void {
  const owner = createOwner().id;

  describe('permits of several processes', () => {
    it(
      'holds the limit over processes, and frees what a killed one held',
      withPermits(async ({ permits, startChild }) => {
        const child = await startChild();
        expect(await child.call({ type: 'acquire', lane, limit: 1, key: 'theirs' })).toBe(true);
        expect(await permits.tryAcquire({ lane, limit: 1, key: 'ours', owner })).toBe(false);
        expect(await permits.count(lane)).toBe(1);
        await child.kill();
        await eventually(async () => (await permits.count(lane)) === 0, deadOwnerLeaseMs);
        expect(await permits.tryAcquire({ lane, limit: 1, key: 'ours', owner })).toBe(true);
      }),
    );

    it(
      'ends a wait when another process gives back, or dies',
      withPermits(async ({ permits, startChild }) => {
        const child = await startChild();
        const never = new AbortController().signal;
        await child.call({ type: 'acquire', lane, limit: 1, key: 'theirs' });
        expect(await permits.tryAcquire({ lane, limit: 1, key: 'ours', owner })).toBe(false);
        const released = permits.waitForRelease(lane, 600_000, never);
        await child.call({ type: 'release', lane, key: 'theirs' });
        await released;
        expect(await permits.tryAcquire({ lane, limit: 1, key: 'ours', owner })).toBe(true);
        await permits.release(lane, 'ours');
        await child.call({ type: 'acquire', lane, limit: 1, key: 'again' });
        expect(await permits.tryAcquire({ lane, limit: 1, key: 'ours', owner })).toBe(false);
        const died = permits.waitForRelease(lane, 600_000, never);
        await child.kill();
        await died;
      }),
    );

    it(
      `never has more than ${limit} of ${processes} processes running, while some are killed`,
      withPermits(async (fixture) => {
        const seen = await hammer(fixture);
        expect(seen.acquired).toBeGreaterThanOrEqual(acquisitions);
        expect(seen.killed).toBe(acquisitions / killEvery);
        expect(seen.mostAtOnce).toBe(limit);
        await eventually(async () => (await fixture.permits.count(lane)) === 0, deadOwnerLeaseMs);
      }),
    );

    it(
      'keeps the distance of a rate over processes',
      withPermits(async ({ startChild }) => {
        const timesEach = 40;
        const perSecond = 100;
        const children = await Promise.all(Array.from({ length: processes }, startChild));
        const results = await Promise.all(
          children.map((child) => child.call({ type: 'reserve-rate', lane, perSecond, times: timesEach })),
        );
        const ranges = (results as [number, number][][]).flat();
        expect(ranges).toHaveLength(processes * timesEach);
        // Each moment is known to lie in a range. The j-th smallest end lies after the j-th moment, the i-th smallest
        // start before the i-th, so together they bound the distance from above.
        const starts = ranges.map(([start]) => start).toSorted((a, b) => a - b);
        const ends = ranges.map(([, end]) => end).toSorted((a, b) => a - b);
        for (const [i, start] of starts.entries()) {
          const tooNear = ends.findIndex((end, j) => j > i && end - start < ((j - i) * 1000) / perSecond - 1);
          expect(tooNear, `moment ${i} and moment ${tooNear} of ${ranges.length}`).toBe(-1);
        }
      }),
    );

    it(
      'loses nothing of what processes learn at the same time',
      withPermits(async ({ permits, startChild }) => {
        const timesEach = 50;
        const children = await Promise.all(Array.from({ length: processes }, startChild));
        await Promise.all(children.map((child) => child.call({ type: 'learn', lane, times: timesEach })));
        const record = (await permits.snapshotLane(lane, 'auto')).record;
        expect({ learned: record?.learned, revision: record?.revision }).toEqual({
          learned: String(processes * timesEach),
          revision: processes * timesEach,
        });
      }),
    );
  });
}

/**
 * Lets the children acquire and release permits in turns. The count drops before a child releases, so it never shows more
 * permits than were held at once.
 */
async function hammer({
  startChild,
}: PermitFixture): Promise<{ acquired: number; killed: number; mostAtOnce: number }> {
  const seen = { acquired: 0, killed: 0, mostAtOnce: 0 };
  let atWork = 0;
  const full = Promise.withResolvers<void>();
  const work = async () => {
    let child: SuiteChild = await startChild();
    while (seen.acquired < acquisitions) {
      const key = `key-${Math.random()}`;
      await child.call({ type: 'acquire-waiting', lane, limit, key });
      seen.acquired += 1;
      atWork += 1;
      seen.mostAtOnce = Math.max(seen.mostAtOnce, atWork);
      const kill = seen.acquired % killEvery === 0;
      if (atWork >= limit) full.resolve();
      // The first child holds its permit until a second one has a permit, too.
      await full.promise;
      await new Promise((resolve) => setImmediate(resolve));
      atWork -= 1;
      if (!kill) {
        await child.call({ type: 'release', lane, key });
        continue;
      }
      seen.killed += 1;
      await child.kill();
      child = await startChild();
    }
  };
  await Promise.all(Array.from({ length: processes }, work));
  return seen;
}
