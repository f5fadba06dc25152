import type { PermitStore } from '@holodeck/core/stores';
import type { RemoteOpener } from './child-command.ts';
import { describeLearned } from './learned-suite.ts';
import { describePermitProcesses } from './permit-processes-suite.ts';
import { describePermits } from './permits-suite.ts';
import { SuiteChild } from './suite-child.ts';
import type { SuiteRunner } from './suite-runner.ts';

/** Fresh, empty permits for one test, and ways to reach them. */
export interface PermitStoreHarness {
  /** A handle on the permits: another connection, or the same object if they are in memory. */
  open(): Promise<PermitStore>;
  /** How another process reaches them; absent if they belong to one process. */
  readonly remote?: RemoteOpener;
  /** Deletes the permits. All handles and processes are closed by then. */
  dispose(): Promise<void>;
}

/** What `describePermitStore` takes. */
export interface DescribePermitStoreOptions {
  /** Shown in the report. */
  readonly name: string;
  readonly runner: SuiteRunner;
  readonly createHarness: () => Promise<PermitStoreHarness>;
  /** The expected reach of the permits; beyond `process`, the suite starts processes and kills them. */
  readonly reach: PermitStore['reach'];
  /**
   * How long a killed process of this host may keep its permits, in milliseconds. Default 0: they are free immediately,
   * because the store can see the process.
   */
  readonly deadOwnerLeaseMs?: number;
}

/** What one test uses. */
export interface PermitFixture {
  readonly permits: PermitStore;
  /** A second handle on the same permits. */
  open(): Promise<PermitStore>;
  /** Closes a handle before the test's end. */
  close(permits: PermitStore): Promise<void>;
  startChild(): Promise<SuiteChild>;
}

/** Runs one test on fresh permits and cleans up afterwards. */
export type WithPermits = (body: (fixture: PermitFixture) => Promise<void>) => () => Promise<void>;

/** The suite that every `PermitStore` must pass: the limit, waiting, rates, shared learning, and killed processes if they apply. */
export function describePermitStore(options: DescribePermitStoreOptions): void {
  const { name, runner, reach, deadOwnerLeaseMs = 0 } = options;
  const withPermits: WithPermits = (body) => () => usePermits(options, body);
  runner.describe(`permit store: ${name}`, () => {
    describePermits(runner, withPermits, reach, deadOwnerLeaseMs);
    describeLearned(runner, withPermits);
    if (reach !== 'process') describePermitProcesses(runner, withPermits, deadOwnerLeaseMs);
  });
}

async function usePermits(
  { createHarness }: DescribePermitStoreOptions,
  body: (fixture: PermitFixture) => Promise<void>,
): Promise<void> {
  const harness = await createHarness();
  const opened = new Set<PermitStore>();
  const children: SuiteChild[] = [];
  const open = async () => {
    const permits = await harness.open();
    opened.add(permits);
    return permits;
  };
  try {
    await body({
      permits: await open(),
      open,
      async close(permits) {
        opened.delete(permits);
        await permits.close();
      },
      async startChild() {
        if (harness.remote === undefined) throw new Error('Permits that reach beyond a process need `remote`.');
        const child = await SuiteChild.start(harness.remote);
        children.push(child);
        return child;
      },
    });
  } finally {
    for (const child of children) await child.kill();
    for (const permits of opened) await permits.close();
    await harness.dispose();
  }
}
