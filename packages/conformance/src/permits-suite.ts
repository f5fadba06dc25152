import { ImageError } from '@holodeck/core';
import { createOwner, type PermitStore } from '@holodeck/core/stores';
import type { WithPermits } from './describe-permit-store.ts';
import { eventually } from './eventually.ts';
import { rejectionOf } from './rejection.ts';
import type { SuiteRunner } from './suite-runner.ts';

const lane = 'hunyuan/ap-guangzhou/0123456789abcdef';
const longMs = 600_000;

/** What `PermitStore` promises to one process. */
export function describePermits(
  { describe, it, expect }: SuiteRunner,
  withPermits: WithPermits,
  reach: PermitStore['reach'],
  deadOwnerLeaseMs: number,
): void {
  const owner = createOwner().id;
  const never = new AbortController().signal;

  describe('permits', () => {
    it(
      'grants as many as the limit says, per lane',
      withPermits(async ({ permits, open }) => {
        const other = await open();
        expect(permits.reach).toBe(reach);
        const tries = Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? permits : other).tryAcquire({ lane, limit: 3, key: `key-${index}`, owner }),
        );
        expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(3);
        expect(await other.count(lane)).toBe(3);
        expect(await permits.tryAcquire({ lane: 'another', limit: 1, key: 'key', owner })).toBe(true);
        expect(await permits.count('another')).toBe(1);
        expect(await permits.tryAcquire({ lane: 'third', limit: 0, key: 'key', owner })).toBe(false);
      }),
    );

    it(
      'follows each asker’s own limit, up and down',
      withPermits(async ({ permits }) => {
        const acquire = (key: string, limit: number) => permits.tryAcquire({ lane, limit, key, owner });
        expect(await acquire('a', 1)).toBe(true);
        expect(await acquire('b', 1)).toBe(false);
        expect(await acquire('b', 2)).toBe(true);
        await permits.release(lane, 'a');
        expect(await acquire('c', 1)).toBe(false);
      }),
    );

    it(
      'counts a key once, and does not take it from its holder',
      withPermits(async ({ permits }) => {
        expect(await permits.tryAcquire({ lane, limit: 2, key: 'key', owner })).toBe(true);
        expect(await permits.tryAcquire({ lane, limit: 2, key: 'key', owner })).toBe(true);
        expect(await permits.count(lane)).toBe(1);
        expect(await permits.tryAcquire({ lane, limit: 2, key: 'key', owner: createOwner().id })).toBe(false);
      }),
    );

    it(
      'takes back through any handle; an unknown key does nothing',
      withPermits(async ({ permits, open }) => {
        const other = await open();
        await permits.tryAcquire({ lane, limit: 1, key: 'key', owner });
        await other.release(lane, 'unknown');
        await other.release('another', 'key');
        expect(await permits.count(lane)).toBe(1);
        await other.release(lane, 'key');
        await other.release(lane, 'key');
        expect(await permits.count(lane)).toBe(0);
        expect(await permits.tryAcquire({ lane, limit: 1, key: 'next', owner })).toBe(true);
      }),
    );

    // A resumed job already runs, whether or not there is room for it.
    it(
      'adopts beyond the limit, and counts what was adopted',
      withPermits(async ({ permits }) => {
        await permits.tryAcquire({ lane, limit: 1, key: 'a', owner });
        await permits.adopt({ lane, key: 'b', owner });
        await permits.adopt({ lane, key: 'a', owner: createOwner().id });
        expect(await permits.count(lane)).toBe(2);
        await permits.release(lane, 'a');
        expect(await permits.tryAcquire({ lane, limit: 1, key: 'c', owner })).toBe(false);
      }),
    );

    it(
      'frees the permits of owners whose process is gone',
      withPermits(async ({ permits }) => {
        const { host, boot, pid, start, nonce } = createOwner();
        await permits.adopt({ lane, key: 'reused pid', owner: `${host}/${boot}/${pid}/1/${nonce}` });
        await permits.adopt({ lane, key: 'earlier boot', owner: `${host}/another-boot/${pid}/${start}/${nonce}` });
        await eventually(async () => (await permits.count(lane)) === 0, deadOwnerLeaseMs);
        expect(await permits.tryAcquire({ lane, limit: 1, key: 'key', owner })).toBe(true);
      }),
    );
  });

  describe('waiting for a permit', () => {
    it(
      'ends when a permit is given back, through any handle',
      withPermits(async ({ permits, open }) => {
        const other = await open();
        for (const handle of [permits, other]) {
          await permits.tryAcquire({ lane, limit: 1, key: 'key', owner });
          expect(await permits.tryAcquire({ lane, limit: 1, key: 'waiting', owner })).toBe(false);
          const waits = [permits.waitForRelease(lane, longMs, never), permits.waitForRelease(lane, longMs, never)];
          await handle.release(lane, 'key');
          await Promise.all(waits);
        }
      }),
    );

    it(
      'ends at once when the permit was given back between the refusal and the wait',
      withPermits(async ({ permits, open }) => {
        const other = await open();
        await other.tryAcquire({ lane, limit: 1, key: 'key', owner });
        expect(await permits.tryAcquire({ lane, limit: 1, key: 'waiting', owner })).toBe(false);
        await other.release(lane, 'key');
        await permits.waitForRelease(lane, longMs, never);
        expect(await permits.tryAcquire({ lane, limit: 1, key: 'waiting', owner })).toBe(true);
      }),
    );

    it(
      'ends after the longest wait',
      withPermits(async ({ permits }) => {
        await permits.tryAcquire({ lane, limit: 1, key: 'key', owner });
        await permits.tryAcquire({ lane, limit: 1, key: 'waiting', owner });
        await permits.waitForRelease(lane, 20, never);
        expect(await permits.count(lane)).toBe(1);
      }),
    );

    it(
      'ends with the reason of an abort, and leaves other waits alone',
      withPermits(async ({ permits }) => {
        await permits.tryAcquire({ lane, limit: 1, key: 'key', owner });
        const abort = new AbortController();
        const reason = new Error('the caller has had enough');
        const aborted = rejectionOf(permits.waitForRelease(lane, longMs, abort.signal));
        const patient = permits.waitForRelease(lane, longMs, never);
        abort.abort(reason);
        expect(await aborted).toBe(reason);
        expect(await rejectionOf(permits.waitForRelease(lane, longMs, abort.signal))).toBe(reason);
        await permits.release(lane, 'key');
        await patient;
      }),
    );
  });

  describe('owners that wait', () => {
    it(
      'get what becomes free in the order in which they began to, however much one of them asks for',
      withPermits(async ({ permits }) => {
        const [greedy, patient] = [createOwner().id, createOwner().id];
        const ask = (key: string, asking: string) => permits.tryAcquire({ lane, limit: 1, key, owner: asking });
        expect(await ask('g1', greedy)).toBe(true);
        expect(await ask('p1', patient)).toBe(false);
        expect(await ask('g2', greedy)).toBe(false);
        await permits.release(lane, 'g1');
        expect(await ask('g2', greedy)).toBe(false);
        expect(await ask('p1', patient)).toBe(true);
        await permits.release(lane, 'p1');
        expect(await ask('p2', patient)).toBe(false);
        expect(await ask('g2', greedy)).toBe(true);
      }),
    );

    it(
      'give up their place with the last permit that they wait for',
      withPermits(async ({ permits }) => {
        const [first, second] = [createOwner().id, createOwner().id];
        const ask = (key: string, asking: string) => permits.tryAcquire({ lane, limit: 1, key, owner: asking });
        expect(await ask('held', owner)).toBe(true);
        expect([await ask('f1', first), await ask('f2', first), await ask('s1', second)]).toEqual([
          false,
          false,
          false,
        ]);
        await permits.release(lane, 'held');
        await permits.release(lane, 'f1');
        expect(await ask('s1', second)).toBe(false);
        await permits.release(lane, 'f2');
        expect(await ask('s1', second)).toBe(true);
      }),
    );
  });

  describe('rates', () => {
    it(
      'keeps the distance of a rate over all handles',
      withPermits(async ({ permits, open }) => {
        const other = await open();
        const moments: { earliest: number; latest: number }[] = [];
        for (let index = 0; index < 8; index += 1) {
          const earliest = Date.now();
          const waitMs = await (index % 2 === 0 ? permits : other).reserveRate(lane, 'query', 20);
          if (index === 0) expect(waitMs).toBe(0);
          expect(waitMs).toBeLessThanOrEqual(index * 50);
          moments.push({ earliest: earliest + waitMs, latest: Date.now() + waitMs });
        }
        for (const [index, { latest }] of moments.entries()) {
          // A clock of whole milliseconds may round up or down.
          if (index > 0) expect(latest - (moments[index - 1]?.earliest ?? 0)).toBeGreaterThanOrEqual(48);
        }
      }),
    );

    it(
      'keeps lanes and kinds apart',
      withPermits(async ({ permits }) => {
        expect(await permits.reserveRate(lane, 'query', 0.001)).toBe(0);
        expect(await permits.reserveRate(lane, 'query', 0.001)).toBeGreaterThan(900_000);
        expect(await permits.reserveRate(lane, 'submit', 0.001)).toBe(0);
        expect(await permits.reserveRate('another', 'query', 0.001)).toBe(0);
      }),
    );

    it(
      'refuses a rate that is not a positive number',
      withPermits(async ({ permits }) => {
        for (const rate of [0, -1, Number.NaN]) {
          const refusal = await rejectionOf(permits.reserveRate(lane, 'query', rate));
          expect(ImageError.isInstance(refusal) && refusal.kind).toBe('invalid-request');
        }
      }),
    );
  });
}
