import { systemClock } from '@holodeck/core/backend';
import { ImageClient } from '@holodeck/core';
import { createMemoryPermits } from '@holodeck/core/stores';
import type { PermitStore } from '@holodeck/core/stores';
import { seededRandom } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { SimulatedProvider, simulatedBackend } from './simulated-provider.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The result of batches that ran at the same time. */
export interface BatchesEnd {
  /** When the last of them was over, by the account's clock. */
  readonly endedAtMs: number;
  readonly failed: number;
  /** The account's limit as each client saw it at the end; undefined if it was configured. */
  readonly learnedLimits: readonly (number | undefined)[];
}

/** The first submission loads libraries, and a virtual clock does not wait for that: one on the machine's clock goes first. */
let loaded: Promise<void> | undefined;
async function loadLibraries(scenario: Scenario): Promise<void> {
  const quick = { ...scenario, jobs: 1, medianMs: 1, roundTripMs: 0 };
  const client = new ImageClient(
    simulatedBackend(new SimulatedProvider(quick, systemClock, 1), quick, systemClock, () => undefined),
  );
  await client.generate({ prompt: 'x' });
  await client.close();
}

/** An account of a simulated provider, and the permits that its clients share as processes do, on a virtual clock. */
export class SimulatedAccount {
  readonly provider: SimulatedProvider;
  /** The client's number for each accepted job, in the order of acceptance. */
  readonly accepted: number[] = [];
  readonly #scenario: Scenario;
  readonly #seed: number;
  readonly #clock: VirtualClock = new VirtualClock();
  readonly #permits: PermitStore;
  #clients = 0;

  constructor(scenario: Scenario, seed: number) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.provider = new SimulatedProvider(scenario, this.#clock, seed);
    this.#permits = createMemoryPermits({ internal: { clock: this.#clock } });
  }

  /** Several new clients make several images each, all at once. */
  async make(clients: number, tasks: number): Promise<BatchesEnd> {
    await (loaded ??= loadLibraries(this.#scenario));
    const running = Array.from({ length: clients }, () => this.#start(tasks));
    let failed = 0;
    const endedAtMs = await this.#clock.run(
      Promise.all(running.map(({ batch }) => batch)).then((results) => {
        failed = results.flat().filter(({ success }) => !success).length;
        return this.#clock.monotonic();
      }),
    );
    const learnedLimits = running.map(({ client }) => client.stats().lanes[0]?.learnedLimit);
    await this.#clock.run(Promise.all(running.map(({ client }) => client.close())));
    return { endedAtMs, failed, learnedLimits };
  }

  #start(tasks: number): { client: ImageClient; batch: ReturnType<ImageClient['generateBatch']> } {
    const number = this.#clients;
    this.#clients += 1;
    const clock = this.#clock;
    const backend = simulatedBackend(this.provider, this.#scenario, clock, () => this.accepted.push(number));
    const client = new ImageClient(backend, {
      maxConcurrent: this.#scenario.maxConcurrent ?? 'auto',
      timeoutMs: 24 * 3_600_000,
      permits: this.#permits,
      internal: { clock, random: seededRandom(this.#seed + 1000 * (number + 1)) },
    });
    const batch = Array.from({ length: tasks }, (_, index) => ({ prompt: 'x', taskId: `job-${index}` }));
    return { client, batch: client.generateBatch(batch) };
  }
}
