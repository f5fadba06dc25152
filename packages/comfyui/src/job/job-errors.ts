import { quotable } from '../wire/caller-secrets.ts';
import { comfyuiError } from '../comfyui-errors.ts';
import type { ImageError } from '@holodeck/core';
import type { JobHandle } from '@holodeck/core/backend';
import type { Server } from '../comfyui-options.ts';
import type { FinishedJob } from '../wire/comfyui-wire.ts';

const outOfMemory = /OutOfMemory|out of memory/i;

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim().replaceAll(/\s+/g, ' ') : '';
}

/** The last event of a name in a job's record. */
function messageOf(job: FinishedJob, name: string): Readonly<Record<string, unknown>> | undefined {
  return job.messages.findLast(([event]) => event === name)?.[1];
}

/**
 * Why a finished job has no images to give, or undefined where it ended well. The verdict is the record's status: an
 * `execution_error` event alone is not the end of a job (a blocked branch sends one, and the job goes on).
 */
export function failureOf(
  { label: server, secrets }: Pick<Server, 'label' | 'secrets'>,
  job: FinishedJob,
  handle: JobHandle,
  cancelled: boolean,
): ImageError | undefined {
  if (job.statusText === 'success') {
    return undefined;
  }
  const base = { outcome: 'failed', handle } as const;
  const interrupted = messageOf(job, 'execution_interrupted');
  const failed = messageOf(job, 'execution_error');
  if (job.statusText === '' && interrupted === undefined && failed === undefined) {
    // A record without a status (the server may leave it null) tells by its images how the job ended.
    return undefined;
  }
  if (interrupted !== undefined) {
    const node = text(interrupted['node_type']);
    const where = node === '' ? '' : ` at node ${text(interrupted['node_id'])} (${node})`;
    return comfyuiError({
      ...base,
      kind: 'aborted',
      code: cancelled ? 'cancelled' : 'interrupted',
      message: cancelled
        ? `The job was cancelled on ${server}${where}.`
        : `Somebody interrupted the job on ${server}${where}: another client or ComfyUI's own "Cancel" button. Send it again if it is still wanted.`,
    });
  }
  const error = failed ?? {};
  const type = text(error['exception_type']);
  const message = text(error['exception_message']);
  const where =
    text(error['node_type']) === '' ? '' : ` in node ${text(error['node_id'])} (${text(error['node_type'])})`;
  const memory = outOfMemory.test(type) || outOfMemory.test(message);
  return comfyuiError({
    ...base,
    kind: 'job-failed',
    retryable: memory,
    code: type === '' ? 'execution_error' : type,
    message: memory
      ? `The graphics memory of ${server} did not suffice${where}. Ask for a smaller size or fewer images, close other users of the GPU, or start ComfyUI with --lowvram.`
      : `The job failed on ${server}${where}: ${message === '' ? 'no reason given' : shorten(quotable(message, secrets))}${type === '' ? '' : ` [${type}]`}. ComfyUI's log has the details.`,
  });
}

function shorten(message: string): string {
  return message.length > 500 ? `${message.slice(0, 500)}...` : message;
}

/** The server has no trace of a job that it had taken. */
export function goneError(
  server: string,
  handle: JobHandle,
  state: { readonly cancelled: boolean; readonly disconnected: boolean },
): ImageError {
  if (state.cancelled) {
    return comfyuiError({
      kind: 'aborted',
      outcome: 'failed',
      code: 'cancelled',
      handle,
      message: `The job was cancelled on ${server} before it ran.`,
    });
  }
  if (state.disconnected) {
    return comfyuiError({
      kind: 'job-failed',
      outcome: 'lost',
      retryable: true,
      code: 'job-gone',
      handle,
      message: `${server} knows the job no longer, and no file of it is there. The connection was lost meanwhile: most likely ComfyUI was restarted, which empties its queue. Send the job again.`,
    });
  }
  return comfyuiError({
    kind: 'job-failed',
    outcome: 'failed',
    code: 'job-deleted',
    handle,
    message: `The job is gone from the queue of ${server} although the server kept running: somebody deleted it or cleared the queue. Send it again if it is still wanted.`,
  });
}
