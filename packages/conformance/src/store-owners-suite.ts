import { createOwner, type Owner } from '@holodeck/core/stores';
import type { WithStore } from './describe-store.ts';
import type { SuiteRunner } from './suite-runner.ts';

/** Which owners count as alive. Nobody else may judge a row of a living owner, so money depends on this. */
export function describeStoreOwners({ describe, it, expect }: SuiteRunner, withStore: WithStore): void {
  describe('owners', () => {
    it(
      'knows its registered owners as alive, through every handle',
      withStore(async ({ store, open }) => {
        const other = await open();
        const [first, second] = [createOwner(), createOwner()];
        await store.registerOwner(first);
        await store.registerOwner(second);
        for (const handle of [store, other]) {
          expect(await handle.isOwnerAlive(first.id)).toBe(true);
          expect(await handle.isOwnerAlive(second.id)).toBe(true);
        }
      }),
    );

    it(
      'holds nobody for alive who never registered',
      withStore(async ({ store }) => {
        expect(await store.isOwnerAlive(createOwner().id)).toBe(false);
        expect(await store.isOwnerAlive('not an id')).toBe(false);
      }),
    );

    it(
      'forgets its owners when it is closed',
      withStore(async ({ store, open, close }) => {
        const owner = createOwner();
        const other = await open();
        await store.registerOwner(owner);
        await close(store);
        expect(await other.isOwnerAlive(owner.id)).toBe(false);
      }),
    );

    // A later process can have the same pid; after a reboot no pid means anything.
    it(
      'is not misled by a pid that was used again',
      withStore(async ({ store }) => {
        for (const change of [{ start: '1' }, { boot: 'another-boot' }]) {
          const gone = withId({ ...createOwner(), ...change });
          await store.registerOwner(gone);
          expect(gone.pid).toBe(process.pid);
          expect(await store.isOwnerAlive(gone.id)).toBe(false);
        }
      }),
    );
  });
}

function withId(owner: Owner): Owner {
  const { host, boot, pid, start, nonce } = owner;
  return { ...owner, id: `${host}/${boot}/${pid}/${start}/${nonce}` };
}
