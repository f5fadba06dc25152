import { seededRandom } from './scenario.ts';
import type { BatchFigures, Scenario } from './scenario.ts';
import { SimulatedAccount } from './simulated-account.ts';
import { SimulatedProvider } from './simulated-provider.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Runs the batch with `ImageClient`, on a virtual clock. */
export async function simulateClient(scenario: Scenario, seed: number): Promise<BatchFigures> {
  const { shares: _one, ...figures } = await simulateSeveral(scenario, seed, 1);
  return figures;
}

/** The result of a batch that several clients shared. */
export interface SharedBatchFigures extends BatchFigures {
  /** Each client's accepted jobs, as a share of its jobs, when the first client had all of its own accepted. */
  readonly shares: readonly number[];
}

/** Runs the batch in equal parts with several clients that share their permits, as several processes do. */
export async function simulateSeveral(scenario: Scenario, seed: number, clients: number): Promise<SharedBatchFigures> {
  const account = new SimulatedAccount(scenario, seed);
  const { endedAtMs, failed } = await account.make(clients, scenario.jobs / clients);
  const owners = account.accepted;
  const firstToEnd = Math.min(...Array.from({ length: clients }, (_, client) => owners.lastIndexOf(client)));
  const until = owners.slice(0, firstToEnd + 1);
  const shares = Array.from(
    { length: clients },
    (_, client) => until.filter((owner) => owner === client).length / (scenario.jobs / clients),
  );
  return { ...figures(account.provider, scenario, endedAtMs, failed), shares };
}

/** The usual alternative: a semaphore of a fixed size, exponential retries after refusals, a query every 2 s. */
export async function simulateSemaphore(scenario: Scenario, seed: number, size: number): Promise<BatchFigures> {
  const clock = new VirtualClock();
  const random = seededRandom(seed + 1000);
  const provider = new SimulatedProvider(scenario, clock, seed);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < scenario.jobs) {
      const key = `job-${(next += 1)}`;
      for (let retry = 0; (await provider.submit(key)) === 'refused'; retry += 1) {
        await clock.sleep(Math.min(30_000, 1000 * 2 ** retry) * (0.5 + random() / 2));
      }
      do await clock.sleep(2000);
      while (!(await provider.query(key)));
    }
  };
  const makespanMs = await clock.run(Promise.all(Array.from({ length: size }, worker)).then(() => clock.monotonic()));
  return figures(provider, scenario, makespanMs, 0);
}

function figures(provider: SimulatedProvider, scenario: Scenario, makespanMs: number, failed: number): BatchFigures {
  const { refusals, polls, noticedMs } = provider;
  return { makespanMs, refusals, polls, noticeMs: noticedMs / scenario.jobs, failed };
}
