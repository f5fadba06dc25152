import { createOwner, type Owner } from '@holodeck/core/stores';
import type { WithStore } from './describe-store.ts';
import type { SuiteRunner } from './suite-runner.ts';

/** Whom a store holds for alive. A row of a living owner is never judged by somebody else, so this decides about money. */
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

    // A process that began after the owner's can have got its pid; a boot in between makes every pid void.
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
