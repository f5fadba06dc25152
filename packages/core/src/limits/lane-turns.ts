import PQueue from 'p-queue';
import type { LaneScheduler } from './lane-scheduler.ts';

/** Jobs of earlier runs that one lane handles at once, if not more may run on it. */
const fewest = 8;

/** Lets open rows take turns, those of each lane by themselves: one lane may have thousands of jobs that end together. */
export class LaneTurns {
  readonly #queues = new Map<string, PQueue>();
  readonly #others = new PQueue({ concurrency: fewest });

  constructor(lanes: Iterable<LaneScheduler>) {
    for (const { lane, limit } of lanes) {
      this.#queues.set(lane.id, new PQueue({ concurrency: Math.max(fewest, limit) }));
    }
  }

  /** Rows that may be at work at once. */
  get width(): number {
    return [...this.#queues.values()].reduce((sum, { concurrency }) => sum + concurrency, 0);
  }

  /** Runs `work` when it is the lane's turn. */
  async take<T>(lane: string, work: () => Promise<T>): Promise<T> {
    return (this.#queues.get(lane) ?? this.#others).add(work);
  }
}
