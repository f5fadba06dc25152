import { ImageClient } from '@holodeck/core';
import { seededRandom } from './scenario.ts';
import type { BatchFigures, Scenario } from './scenario.ts';
import { SimulatedProvider, simulatedBackend } from './simulated-provider.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The batch through `ImageClient`, on a virtual clock. */
export async function simulateClient(scenario: Scenario, seed: number): Promise<BatchFigures> {
  const clock = new VirtualClock();
  const provider = new SimulatedProvider(scenario, clock, seed);
  const client = new ImageClient(simulatedBackend(provider, scenario, clock), {
    maxConcurrent: scenario.maxConcurrent ?? 'auto',
    timeoutMs: 24 * 3_600_000,
    internal: { clock, random: seededRandom(seed + 1000) },
  });
  const tasks = Array.from({ length: scenario.jobs }, (_, index) => ({ prompt: 'x', taskId: `job-${index}` }));
  let failed = 0;
  const makespanMs = await clock.run(
    client.generateBatch(tasks).then((results) => {
      failed = results.filter(({ success }) => !success).length;
      return clock.monotonic();
    }),
  );
  await clock.run(client.close());
  return figures(provider, scenario, makespanMs, failed);
}

/** What people write instead: a semaphore of a fixed size, exponential retries after refusals, a query every 2 s. */
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
