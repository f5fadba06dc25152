import { ImageError } from '../contract/index.ts';
import type { ImageBackend, ImageSink, JobHandle } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import type { JobPacer } from './job-pacer.ts';
import type { LaneScheduler } from '../limits/lane-scheduler.ts';
import type { LanePermit } from '../limits/lane-permit.ts';

/** The longest that an abandoned job is watched. */
const watchMs = 600_000;
const retryMs = 2000;

interface Watch {
  stop(): void;
  readonly finished: Promise<void>;
  /** Keeps the permit for the task that continues the job. */
  keepPermit(): LanePermit;
}

const nowhere: ImageSink = {
  write: () => Promise.resolve(),
  close: () => Promise.resolve(),
  abort: () => Promise.resolve(),
};

/**
 * Jobs whose caller has left (abort, deadline) still hold their slot at the provider. The monitor keeps their permits until
 * polling sees the end, at most 10 minutes, so that no submission goes to a taken slot.
 */
export class AbandonedJobMonitor {
  readonly #backend: ImageBackend;
  readonly #clock: Clock;
  readonly #watches = new Map<string, Watch>();

  constructor(backend: ImageBackend, clock: Clock) {
    this.#backend = backend;
    this.#clock = clock;
  }

  /** Watches an accepted job until its slot is free. */
  watchJob(handle: JobHandle, lane: LaneScheduler, permit: LanePermit, pacer: (signal: AbortSignal) => JobPacer): void {
    let withinMs = 0;
    const free = (): void => permit.ended(withinMs);
    this.#watch(handle.key, permit, free, async (signal, stop) => {
      const polls = pacer(signal);
      const onEnded = (): void => {
        withinMs = polls.sinceLastLookMs;
        stop();
      };
      const context = { key: handle.key, lane: lane.lane, signal, nextPoll: () => polls.nextPoll(), onEnded };
      while (!signal.aborted) {
        try {
          await this.#backend.collect(handle, { ...context, openImage: () => Promise.resolve(nowhere) });
          return;
        } catch (error) {
          // Any outcome but `accepted` means that the job has ended.
          if (!ImageError.isInstance(error) || error.outcome !== 'accepted') return;
          await this.#clock.sleep(retryMs, signal);
        }
      }
    });
  }

  /** Holds a permit for a while if there is nothing to poll. */
  hold(key: string, permit: LanePermit, holdMs: number): void {
    this.#watch(
      key,
      permit,
      () => permit.release(),
      (signal) => this.#clock.sleep(holdMs, signal),
    );
  }

  /** Ends the watch of a job and returns its permit; undefined if it was not watched. */
  async take(key: string): Promise<LanePermit | undefined> {
    const watch = this.#watches.get(key);
    if (watch === undefined) return undefined;
    const permit = watch.keepPermit();
    watch.stop();
    await watch.finished;
    return permit;
  }

  async close(): Promise<void> {
    const watches = [...this.#watches.values()];
    for (const watch of watches) watch.stop();
    await Promise.allSettled(watches.map(({ finished }) => finished));
  }

  #watch(
    key: string,
    permit: LanePermit,
    free: () => void,
    work: (signal: AbortSignal, stop: () => void) => Promise<unknown>,
  ): void {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    let kept = false;
    void this.#clock.sleep(watchMs, controller.signal).then(stop, () => undefined);
    const finished = work(controller.signal, stop)
      .catch(() => undefined)
      .then(() => {
        stop();
        this.#watches.delete(key);
        if (!kept) free();
      });
    this.#watches.set(key, {
      stop,
      finished,
      keepPermit: () => {
        kept = true;
        return permit;
      },
    });
  }
}
