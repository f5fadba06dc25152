import { bulkhead, ExponentialBackoff, handleAll, retry } from 'cockatiel';
import PQueue from 'p-queue';
import pRetry from 'p-retry';

/** A job in two parts: its submission, which rejects when it is refused, and the rest. */
export interface ScheduledJob {
  submit(): Promise<unknown>;
  /** Runs with what `submit` resolved with. */
  collect(handle: never): Promise<void>;
}

/** How many more jobs than the service takes at once the oversized queue sends. */
const oversize = 3;

/** Waits of 1 s, 2 s, 4 s ... up to 30 s after refusals, divided by the service's speed. */
function waits(speed: number): { readonly minTimeout: number; readonly maxTimeout: number } {
  return { minTimeout: 1000 / speed, maxTimeout: 30_000 / speed };
}

function queueOf(concurrency: number, speed: number): (job: ScheduledJob) => Promise<void> {
  const queue = new PQueue({ concurrency });
  return async ({ submit, collect }) => {
    await queue.add(async () => {
      const handle = await pRetry(submit, { ...waits(speed), retries: Number.POSITIVE_INFINITY, randomize: true });
      await collect(handle as never);
    });
  };
}

/** What people schedule with, given the right limit and the speed of the service. */
export const schedulers: Readonly<
  Record<string, (limit: number, speed: number) => (job: ScheduledJob) => Promise<void>>
> = {
  'p-queue + p-retry': queueOf,
  'p-queue x 3 + p-retry': (limit, speed) => queueOf(limit * oversize, speed),
  cockatiel: (limit, speed) => {
    const slots = bulkhead(limit, Number.POSITIVE_INFINITY);
    const { minTimeout: initialDelay, maxTimeout: maxDelay } = waits(speed);
    const again = retry(handleAll, {
      maxAttempts: Number.POSITIVE_INFINITY,
      backoff: new ExponentialBackoff({ initialDelay, maxDelay }),
    });
    return async ({ submit, collect }) => {
      await slots.execute(async () => collect((await again.execute(submit)) as never));
    };
  },
};
