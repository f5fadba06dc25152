import { describePermitStore, describeStore, type SuiteRunner } from '@holodeck/conformance';
import { createMemoryPermits, createMemoryStore, type PermitStore, type Store } from '@holodeck/core/stores';
import { describe, expect, it } from 'vitest';

/** Runs a suite without reporting it; resolves with the names of the tests that failed. */
async function failuresOf(run: (runner: SuiteRunner) => void): Promise<string[]> {
  const tests: { name: string; body: () => Promise<void> }[] = [];
  run({ describe: (_name, body) => body(), it: (name, body) => tests.push({ name, body }), expect });
  const failures: string[] = [];
  for (const { name, body } of tests) await body().catch(() => failures.push(name));
  return failures;
}

async function storeFailures(breakIt: (store: Store) => Store): Promise<string[]> {
  return failuresOf((runner) =>
    describeStore({
      name: 'broken',
      runner,
      acrossProcesses: false,
      async createHarness() {
        const store = breakIt(createMemoryStore());
        return { open: async () => store, dispose: async () => {} };
      },
    }),
  );
}

async function permitFailures(breakIt: (permits: PermitStore) => Partial<PermitStore>): Promise<string[]> {
  return failuresOf((runner) =>
    describePermitStore({
      name: 'broken',
      runner,
      reach: 'process',
      async createHarness() {
        const whole = createMemoryPermits();
        const broken = breakIt(whole);
        const permits = new Proxy(whole, {
          get: (target, name) => {
            const value: unknown = Reflect.get(broken, name) ?? Reflect.get(target, name);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
        return { open: async () => permits, dispose: async () => {} };
      },
    }),
  );
}

/** The store with some methods of its tasks or sessions replaced. */
function replace<Part extends 'tasks' | 'sessions'>(store: Store, part: Part, methods: Partial<Store[Part]>): Store {
  const whole: object = store[part];
  const patched = new Proxy(whole, {
    get: (target, name) => {
      const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...store, [part]: patched };
}

describe('describeStore', () => {
  it('passes for a correct store', async () => {
    expect(await storeFailures((store) => store)).toEqual([]);
  });

  it('fails for a store that begins a row twice', async () => {
    const failures = await storeFailures((store) =>
      replace(store, 'tasks', {
        begin: async (row) => {
          await store.tasks.begin(row);
          return true;
        },
      }),
    );
    expect(failures).toContain('begins a row once');
    expect(failures).toContain('gives exactly one of many at once the row');
  });

  it('fails for a store that does not compare before it sets', async () => {
    const failures = await storeFailures((store) =>
      replace(store, 'tasks', {
        update: async (id, _revision, patch) =>
          store.tasks.update(id, (await store.tasks.get(id))?.revision ?? 0, patch),
      }),
    );
    expect(failures).toContain('updates only the revision that was read');
  });

  it('fails for a store that writes half of a publish section', async () => {
    const failures = await storeFailures((store) =>
      replace(store, 'sessions', {
        publish: async (sessionId, work) => {
          let assets: Awaited<ReturnType<Store['sessions']['assets']>> = [];
          try {
            return await store.sessions.publish(sessionId, (section) => {
              const writes = work(section);
              assets = writes.assets ?? [];
              return writes;
            });
          } catch (error) {
            await store.sessions.publish(sessionId, () => ({ assets }));
            throw error;
          }
        },
      }),
    );
    expect(failures).toContain('writes nothing when a publish section throws, and passes the error on');
  });

  it('fails for a store that holds everybody for alive', async () => {
    const failures = await storeFailures((store) => ({ ...store, isOwnerAlive: async () => true }));
    expect(failures).toEqual([
      'holds nobody for alive who never registered',
      'forgets its owners when it is closed',
      'is not misled by a pid that was used again',
    ]);
  });
});

describe('describePermitStore', () => {
  it('passes for correct permits', async () => {
    expect(await permitFailures((permits) => permits)).toEqual([]);
  });

  it('fails for permits above the limit', async () => {
    const failures = await permitFailures((permits) => ({
      tryAcquire: async (request) => permits.tryAcquire({ ...request, limit: request.limit + 1 }),
    }));
    expect(failures).toContain('grants as many as the limit says, per lane');
  });

  it('fails for a rate that nobody shares', async () => {
    const failures = await permitFailures(() => ({ reserveRate: async () => 0 }));
    expect(failures).toEqual([
      'keeps the distance of a rate over all handles',
      'keeps lanes and kinds apart',
      'refuses a rate that is not a positive number',
    ]);
  });

  it('fails for a wait that an abort does not end as one', async () => {
    const failures = await permitFailures((permits) => ({
      waitForRelease: async (lane, maxWaitMs, signal) =>
        permits.waitForRelease(lane, maxWaitMs, signal).catch(() => undefined),
    }));
    expect(failures).toEqual(['ends with the reason of an abort, and leaves other waits alone']);
  });

  it('fails for what is learned in place of what others have learned', async () => {
    const failures = await permitFailures((permits) => ({
      compareAndSetLearned: async (update) => {
        const { record } = await permits.snapshotLane(update.lane, update.about);
        return permits.compareAndSetLearned({ ...update, revision: record?.revision ?? 0 });
      },
    }));
    expect(failures).toEqual([
      'is kept under a revision, and by the first of two who begin from the same one',
      'shows permits in the order of their grants, and what has become of them',
    ]);
  });
});
