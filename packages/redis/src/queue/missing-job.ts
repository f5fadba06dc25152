import { ImageError, type GenerationResult } from '@holodeck/core';
import type { JobStanding } from './job-knowledge.ts';
import { say } from './queue-messages.ts';
import { failureOfTask } from './task-failure.ts';

/** A task whose job is no longer in the queue. */
export interface MissingJob {
  readonly taskId: string;
  readonly scope: string;
}

const removals = {
  untaken: { outcome: 'not-submitted', id: 'job-removed' },
  open: { outcome: 'unknown', id: 'job-removed-unknown' },
  accepted: { outcome: 'accepted', id: 'job-removed-accepted' },
} as const satisfies Record<JobStanding, unknown>;

/** The result of a job that somebody took out of the queue while no worker was running it. */
export function removedResult(job: MissingJob, standing: JobStanding): GenerationResult {
  const { outcome, id } = removals[standing];
  return failureOfTask(
    job,
    undefined,
    new ImageError({ kind: 'aborted', outcome, ...say(id, { taskId: job.taskId }) }),
  );
}

/** The result of a job that is gone although nobody removed it: the server was emptied, restored or ran out of memory. */
export function vanishedResult(job: MissingJob): GenerationResult {
  const said = say('job-vanished', { taskId: job.taskId });
  return failureOfTask(job, undefined, new ImageError({ kind: 'storage', outcome: 'unknown', ...said }));
}
