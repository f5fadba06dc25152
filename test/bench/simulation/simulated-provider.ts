import { ImageError } from '@holodeck/core';
import { createPollPacer } from '@holodeck/core/backend';
import type { ImageBackend } from '@holodeck/core';
import type { BackendCapabilities, Clock, ImageRequest, JobContext, JobHandle, Lane } from '@holodeck/core/backend';
import { drawDurations, slotFree } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/**
 * What every simulated job delivers: one pixel as a GIF. Other threads would inflate a PNG as it arrives, and a virtual clock
 * does not wait for them.
 */
export const paintedPicture: Uint8Array = Buffer.from(
  'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
  'base64',
);

/** A provider on a clock: accepts jobs, refuses above its limit, and keeps the slot of an ended job for a while. */
export class SimulatedProvider {
  readonly #scenario: Scenario;
  readonly #clock: Clock;
  readonly #durations: readonly number[];
  readonly #ends = new Map<string, number>();
  #busyUntil: number[] = [];
  #accepted = 0;
  refusals = 0;
  polls = 0;
  noticedMs = 0;

  constructor(scenario: Scenario, clock: Clock, seed: number) {
    this.#scenario = scenario;
    this.#clock = clock;
    this.#durations = drawDurations(scenario, seed);
  }

  /** Accepts the job or refuses it. */
  async submit(key: string): Promise<'accepted' | 'refused'> {
    await this.#travel();
    const now = this.#clock.monotonic();
    this.#busyUntil = this.#busyUntil.filter((until) => until > now);
    const free = slotFree(this.#scenario, this.#busyUntil.length, this.#accepted, now);
    if (free) {
      const endMs = now + (this.#durations[this.#accepted] as number);
      this.#accepted += 1;
      this.#ends.set(key, endMs);
      this.#busyUntil.push(endMs + this.#scenario.slotTailMs);
    } else this.refusals += 1;
    await this.#travel();
    return free ? 'accepted' : 'refused';
  }

  /** True if the job is over. */
  async query(key: string): Promise<boolean> {
    await this.#travel();
    this.polls += 1;
    const over = this.#clock.monotonic() >= (this.#ends.get(key) as number);
    await this.#travel();
    if (over) this.noticedMs += this.#clock.monotonic() - (this.#ends.get(key) as number);
    return over;
  }

  async #travel(): Promise<void> {
    await this.#clock.sleep(this.#scenario.roundTripMs / 2);
  }
}

/** The capabilities of a simulated provider. */
export const simulatedCapabilities: BackendCapabilities = {
  size: { minSide: 64, maxSide: 2048 },
  maxPromptLength: 1000,
  maxCount: 1,
  style: false,
  transparentBackground: false,
  formats: [],
  progress: 'poll',
  locatable: false,
  cancellable: false,
  billable: true,
  limitSignal: 'refusal',
};

/** The provider behind the contract, so the real client drives it. */
export function simulatedBackend(
  provider: SimulatedProvider,
  scenario: Scenario,
  clock: Clock,
  onAccepted: () => void,
): ImageBackend {
  const rate = scenario.requestsPerSecond;
  const lane: Lane = {
    id: 'simulated/account',
    label: 'account',
    defaultMaxConcurrent: 1,
    ...(rate === undefined ? {} : { submissionsPerSecond: rate, queriesPerSecond: rate }),
  };
  const name = 'simulated';
  return {
    name,
    model: 'model',
    fingerprint: 'simulated model',
    capabilities: simulatedCapabilities,
    lanes: [lane],
    probe: () => Promise.reject(new Error('A simulation is not probed.')),
    async submit(_request: ImageRequest, { key, beforeSend }: JobContext): Promise<JobHandle> {
      await beforeSend?.();
      if ((await provider.submit(key)) === 'refused') {
        const message = 'The simulated account has no free slot.';
        throw new ImageError({
          kind: 'concurrency-limit',
          outcome: 'rejected',
          retryable: true,
          backend: name,
          message,
        });
      }
      onAccepted();
      const acceptedAtMs = clock.now();
      return { version: 1, backend: name, lane: lane.id, credential: '0', jobId: key, key, acceptedAtMs };
    },
    async collect(handle: JobHandle, context: JobContext): Promise<Awaited<ReturnType<ImageBackend['collect']>>> {
      const nextPoll = context.nextPoll ?? createPollPacer({ signal: context.signal, clock });
      do await nextPoll();
      while (!(await provider.query(handle.key)));
      context.onEnded?.();
      const sink = await context.openImage(0);
      await sink.write(paintedPicture);
      await sink.close();
      return { images: [{ index: 0 }] };
    },
    close: () => Promise.resolve(),
  };
}
