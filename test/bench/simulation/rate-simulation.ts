import { ImageClient, ImageError } from '@holodeck/core';
import type { ImageBackend } from '@holodeck/core';
import type { Clock, JobContext, JobHandle, Lane, RateReport } from '@holodeck/core/backend';
import { drawDurations, seededRandom } from './scenario.ts';
import { paintedPicture, simulatedCapabilities } from './simulated-provider.ts';
import { VirtualClock } from './virtual-clock.ts';

const windowMs = 60_000;
const medianMs = 20_000;
const sigma = 0.3;
const roundTripMs = 100;

/** An account of a provider that reports its rate in headers. */
export interface RateScenario {
  readonly perMinute: number;
  readonly jobs: number;
}

export const rateScenarios: readonly RateScenario[] = [
  { perMinute: 5, jobs: 30 },
  { perMinute: 50, jobs: 200 },
  { perMinute: 150, jobs: 400 },
];

/** Makespans as multiples of the oracle's, and refusals, one for each seed. */
export interface RateRuns {
  readonly ratios: readonly number[];
  readonly refusals: readonly number[];
}

/** Runs the batch with `"auto"` and with four at once. */
export async function simulateRate(
  scenario: RateScenario,
  seeds: readonly number[],
): Promise<RateScenario & { readonly client: RateRuns; readonly four: RateRuns }> {
  const run = async (maxConcurrent: number | 'auto'): Promise<RateRuns> => {
    const ratios: number[] = [];
    const refusals: number[] = [];
    for (const seed of seeds) {
      const batch = await simulateBatch(scenario, seed, maxConcurrent);
      ratios.push(batch.makespanMs / oracleMs(scenario, seed));
      refusals.push(batch.refusals);
    }
    return { ratios, refusals };
  };
  return { ...scenario, client: await run('auto'), four: await run(4) };
}

/** The least makespan: each job starts as soon as the window allows it. */
function oracleMs({ perMinute, jobs }: RateScenario, seed: number): number {
  const durations = drawDurations({ jobs, medianMs, sigma }, seed);
  return Math.max(...durations.map((duration, index) => Math.floor(index / perMinute) * windowMs + duration));
}

async function simulateBatch(
  scenario: RateScenario,
  seed: number,
  maxConcurrent: number | 'auto',
): Promise<{ readonly makespanMs: number; readonly refusals: number }> {
  const clock = new VirtualClock();
  const backend = new RateLimitedBackend(scenario, clock, seed);
  const client = new ImageClient(backend, {
    maxConcurrent,
    timeoutMs: 24 * 3_600_000,
    internal: { clock, random: seededRandom(seed + 1000) },
  });
  const tasks = Array.from({ length: scenario.jobs }, (_, index) => ({ prompt: 'x', taskId: `job-${index}` }));
  const makespanMs = await clock.run(
    client.generateBatch(tasks).then((results) => {
      for (const result of results) if (!result.success) throw result.error;
      return clock.monotonic();
    }),
  );
  await clock.run(client.close());
  return { makespanMs, refusals: backend.refusals };
}

/** One request per image, which waits for it; images are counted in a sliding window. */
class RateLimitedBackend implements ImageBackend {
  readonly name = 'simulated';
  readonly model = 'model';
  readonly fingerprint = 'simulated model';
  readonly capabilities = { ...simulatedCapabilities, limitSignal: 'headers' as const };
  readonly lanes: readonly Lane[] = [{ id: 'simulated/account', label: 'account', defaultMaxConcurrent: 4 }];
  readonly #perMinute: number;
  readonly #clock: Clock;
  readonly #durations: readonly number[];
  #admittedAtMs: number[] = [];
  #admitted = 0;
  refusals = 0;

  constructor({ perMinute, jobs }: RateScenario, clock: Clock, seed: number) {
    this.#perMinute = perMinute;
    this.#clock = clock;
    this.#durations = drawDurations({ jobs, medianMs, sigma }, seed);
  }

  async submit(_request: unknown, { key, onRate }: JobContext): Promise<JobHandle> {
    await this.#clock.sleep(roundTripMs / 2);
    const now = this.#clock.monotonic();
    this.#admittedAtMs = this.#admittedAtMs.filter((atMs) => atMs > now - windowMs);
    const admitted = this.#admittedAtMs.length < this.#perMinute;
    if (admitted) this.#admittedAtMs.push(now);
    const report = this.#report(now);
    await this.#clock.sleep((admitted ? (this.#durations[this.#admitted++] as number) : 0) + roundTripMs / 2);
    onRate?.(report);
    if (!admitted) {
      this.refusals += 1;
      throw new ImageError({
        kind: 'rate-limit',
        outcome: 'rejected',
        retryable: true,
        retryAfterMs: report.resetMs,
        backend: this.name,
        message: 'The simulated account has used up its rate.',
      });
    }
    const { name: backend, lanes } = this;
    const lane = (lanes[0] as Lane).id;
    return { version: 1, backend, lane, credential: '0', jobId: key, key, acceptedAtMs: this.#clock.now() };
  }

  async collect(_handle: JobHandle, context: JobContext): Promise<Awaited<ReturnType<ImageBackend['collect']>>> {
    context.onEnded?.();
    const sink = await context.openImage(0);
    await sink.write(paintedPicture);
    await sink.close();
    return { images: [{ index: 0 }] };
  }

  probe(): ReturnType<ImageBackend['probe']> {
    return Promise.reject(new Error('A simulation is not probed.'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #report(nowMs: number): RateReport {
    const oldest = this.#admittedAtMs[0];
    return {
      unit: 'images',
      perMinute: this.#perMinute,
      remaining: this.#perMinute - this.#admittedAtMs.length,
      // Whole seconds, as in the headers.
      resetMs: oldest === undefined ? 0 : Math.ceil((oldest + windowMs - nowMs) / 1000) * 1000,
    };
  }
}
