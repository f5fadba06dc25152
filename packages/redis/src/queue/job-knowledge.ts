import type { TaskEvent } from '@holodeck/core';
import type { TaskState } from '@holodeck/core/stores';
import type { Job } from 'bullmq';

/** Where a job stands that is gone: `untaken` when no worker ever had it, `open` when that cannot be told. */
export type JobStanding = 'untaken' | 'open' | 'accepted';

const acceptedStates: ReadonlySet<string> = new Set<TaskState>(['accepted', 'ended', 'received', 'done']);

/**
 * What is known of a job in case it is taken out of the queue. What was not heard of is not known: a worker that was killed has
 * told less than it did, so only a job that was found as it was put in, and has been taken by nobody since, counts as unsent.
 */
export class JobKnowledge {
  #wasFoundUntaken = false;
  #wasTaken = false;
  #wasTold = false;
  #state: TaskState | 'queued' | undefined;

  get standing(): JobStanding {
    if (this.#state !== undefined && acceptedStates.has(this.#state)) return 'accepted';
    return this.#wasFoundUntaken && !this.#wasTaken ? 'untaken' : 'open';
  }

  /** Whether a worker's word of it was heard. */
  get isTold(): boolean {
    return this.#wasTold;
  }

  /** The job as the server had it; what was told meanwhile is newer. */
  found(job: Pick<Job, 'processedOn' | 'attemptsStarted' | 'progress'>): void {
    const event = eventOf(job.progress);
    if (event !== undefined && !this.#wasTold) this.told(event);
    if (event !== undefined || job.processedOn !== undefined || job.attemptsStarted !== 0) this.taken();
    else this.#wasFoundUntaken = true;
  }

  /** A worker has taken it. */
  taken(): void {
    this.#wasTaken = true;
  }

  /** A worker has told of it. */
  told(event: TaskEvent): void {
    this.#wasTaken = true;
    this.#wasTold = true;
    if (event.type === 'state') this.#state = event.state;
  }
}

/** The last event that a worker has told of a job; BullMQ has a number where there is none. */
export function eventOf(progress: unknown): TaskEvent | undefined {
  return typeof progress === 'object' && progress !== null ? (progress as TaskEvent) : undefined;
}
