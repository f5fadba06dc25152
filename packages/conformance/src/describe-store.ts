import type { Store } from '@holodeck/core/stores';
import type { RemoteOpener } from './child-command.ts';
import { SuiteChild } from './suite-child.ts';
import type { SuiteRunner } from './suite-runner.ts';
import { describeStoreOwners } from './store-owners-suite.ts';
import { describeStoreProcesses } from './store-processes-suite.ts';
import { describeStoreSessions } from './store-sessions-suite.ts';
import { describeStoreTasks } from './store-tasks-suite.ts';

/** Fresh, empty data for one test, and ways to reach it. */
export interface StoreHarness {
  /** A handle on the data: another connection, or the same object if the store is in memory. */
  open(): Promise<Store>;
  /** How another process reaches the data; required with `acrossProcesses`. */
  readonly remote?: RemoteOpener;
  /** Deletes the data. All handles and processes are closed by then. */
  dispose(): Promise<void>;
}

/** What `describeStore` takes. */
export interface DescribeStoreOptions {
  /** Shown in the report. */
  readonly name: string;
  readonly runner: SuiteRunner;
  readonly createHarness: () => Promise<StoreHarness>;
  /** Whether another process can open the same data, and the data survives when all handles are closed. */
  readonly acrossProcesses: boolean;
}

/** What one test uses. */
export interface StoreFixture {
  readonly store: Store;
  /** A second handle on the same data. */
  open(): Promise<Store>;
  /** Closes a handle before the test's end. */
  close(store: Store): Promise<void>;
  startChild(): Promise<SuiteChild>;
}

/** Runs one test on fresh data and cleans up afterwards. */
export type WithStore = (body: (fixture: StoreFixture) => Promise<void>) => () => Promise<void>;

/**
 * The suite that every `Store` must pass: rows, sessions, owners, and if they apply, other processes that race, write and are
 * killed.
 */
export function describeStore(options: DescribeStoreOptions): void {
  const { name, runner, acrossProcesses } = options;
  const withStore: WithStore = (body) => () => useStore(options, body);
  runner.describe(`store: ${name}`, () => {
    describeStoreTasks(runner, withStore);
    describeStoreSessions(runner, withStore);
    describeStoreOwners(runner, withStore);
    if (acrossProcesses) describeStoreProcesses(runner, withStore);
  });
}

async function useStore(
  { createHarness }: DescribeStoreOptions,
  body: (fixture: StoreFixture) => Promise<void>,
): Promise<void> {
  const harness = await createHarness();
  const opened = new Set<Store>();
  const children: SuiteChild[] = [];
  const open = async () => {
    const store = await harness.open();
    opened.add(store);
    return store;
  };
  try {
    await body({
      store: await open(),
      open,
      async close(store) {
        opened.delete(store);
        await store.close();
      },
      async startChild() {
        if (harness.remote === undefined) throw new Error('A harness across processes needs `remote`.');
        const child = await SuiteChild.start(harness.remote);
        children.push(child);
        return child;
      },
    });
  } finally {
    for (const child of children) await child.kill();
    for (const store of opened) await store.close();
    await harness.dispose();
  }
}
