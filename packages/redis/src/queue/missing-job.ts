import { ImageError, type GenerationResult } from '@holodeck/core';
import type { JobStanding } from './job-knowledge.ts';
import { failureOfTask } from './task-failure.ts';

/** A task whose job is no longer in the queue. */
export interface MissingJob {
  readonly taskId: string;
  readonly scope: string;
}

/** The result of a job that somebody took out of the queue while no worker had it in hand. */
export function removedResult(job: MissingJob, standing: JobStanding): GenerationResult {
  const { taskId } = job;
  if (standing === 'untaken') {
    return missing(
      job,
      'aborted',
      'not-submitted',
      `The job of ${taskId} was removed from the queue before any worker had taken it, so it has sent nothing.`,
    );
  }
  if (standing === 'open') {
    return missing(
      job,
      'aborted',
      'unknown',
      `The job of ${taskId} was removed from the queue, and it cannot be told here whether a worker had sent it before. Run the task again: what was paid is fetched and not paid again.`,
    );
  }
  return missing(
    job,
    'aborted',
    'accepted',
    `The job of ${taskId} was removed from the queue after the provider had taken it. Run the task again: its image is fetched at no cost.`,
  );
}

/** The result of a job that is gone although nobody has removed it: a server that was emptied, restored or left without memory. */
export function vanishedResult(job: MissingJob): GenerationResult {
  return missing(
    job,
    'storage',
    'unknown',
    `The job of ${job.taskId} is gone from the Redis server (emptied, restored, or keys dropped for lack of memory?), so it cannot be told whether it was sent. Look at the output folder and the provider's records before the task is run again: a server without its data knows nothing of what was paid.`,
  );
}

function missing(
  { taskId, scope }: MissingJob,
  kind: 'aborted' | 'storage',
  outcome: 'not-submitted' | 'unknown' | 'accepted',
  message: string,
): GenerationResult {
  return failureOfTask({ taskId, scope }, undefined, new ImageError({ kind, outcome, message }));
}
