import type { TaskEvent } from '@holodeck/core';
import type { TaskState } from '@holodeck/core/stores';
import type { Job } from 'bullmq';

/** The state of a removed job: `untaken` if no worker ever had it, `open` if nobody knows. */
export type JobStanding = 'untaken' | 'open' | 'accepted';

const acceptedStates: ReadonlySet<string> = new Set<TaskState>(['accepted', 'ended', 'received', 'done']);

/**
 * What is known about a job, for the case that it is removed. A killed worker reports less than it did, so a job counts as
 * unsent only if it was seen untouched and no worker has taken it since.
 */
export class JobKnowledge {
  #wasFoundUntaken = false;
  #wasTaken = false;
  #wasReported = false;
  #state: TaskState | 'queued' | undefined;

  get standing(): JobStanding {
    if (this.#state !== undefined && acceptedStates.has(this.#state)) return 'accepted';
    return this.#wasFoundUntaken && !this.#wasTaken ? 'untaken' : 'open';
  }

  /** Whether a worker has reported on it. */
  get isReported(): boolean {
    return this.#wasReported;
  }

  /** Takes in the job as the server had it; a report that came meanwhile is newer. */
  found(job: Pick<Job, 'processedOn' | 'attemptsStarted' | 'progress'>): void {
    const event = eventOf(job.progress);
    if (event !== undefined && !this.#wasReported) this.reported(event);
    if (event !== undefined || job.processedOn !== undefined || job.attemptsStarted !== 0) this.taken();
    else this.#wasFoundUntaken = true;
  }

  /** A worker has taken it. */
  taken(): void {
    this.#wasTaken = true;
  }

  /** A worker has reported on it. */
  reported(event: TaskEvent): void {
    this.#wasTaken = true;
    this.#wasReported = true;
    if (event.type === 'state') this.#state = event.state;
  }
}

/** The last event that a worker reported; without one, BullMQ has a number. */
export function eventOf(progress: unknown): TaskEvent | undefined {
  return typeof progress === 'object' && progress !== null ? (progress as TaskEvent) : undefined;
}
