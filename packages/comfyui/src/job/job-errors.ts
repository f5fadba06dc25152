import { say } from '../comfyui-messages.ts';
import { blank, quotable } from '../wire/caller-secrets.ts';
import { comfyuiError } from '../comfyui-errors.ts';
import type { ImageError } from '@holodeck/core';
import type { JobHandle } from '@holodeck/core/backend';
import type { Server } from '../comfyui-options.ts';
import type { FinishedJob } from '../wire/comfyui-wire.ts';

const outOfMemory = /OutOfMemory|out of memory/i;
/** What PyTorch says when the words of one family of models are given to another. */
const otherEncoder = /mat1 and mat2 shapes cannot be multiplied/;

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
    const place = placeOf(interrupted, server, secrets);
    return comfyuiError({
      ...base,
      kind: 'aborted',
      code: cancelled ? 'cancelled' : 'interrupted',
      ...(place === undefined
        ? say(cancelled ? 'job-cancelled' : 'job-interrupted', { server })
        : say(cancelled ? 'job-cancelled-at' : 'job-interrupted-at', place)),
    });
  }
  const error = failed ?? {};
  const type = blank(text(error['exception_type']), secrets);
  const message = text(error['exception_message']);
  const place = placeOf(error, server, secrets);
  const memory = outOfMemory.test(type) || outOfMemory.test(message);
  const words = message === '' ? say('no-reason') : shorten(quotable(message, secrets));
  const plain = type === '' ? words : say('fault-details', { error: words, details: type });
  const reason = otherEncoder.test(message) ? say('other-encoder', { error: plain }) : plain;
  return comfyuiError({
    ...base,
    kind: 'job-failed',
    retryable: memory,
    code: type === '' ? 'execution_error' : type,
    ...(place === undefined
      ? memory
        ? say('out-of-memory', { server })
        : say('job-failed', { server, error: reason })
      : memory
        ? say('out-of-memory-at', place)
        : say('job-failed-at', { ...place, error: reason })),
  });
}

/** The node at which a job ended. */
function placeOf(
  event: Readonly<Record<string, unknown>>,
  server: string,
  secrets: readonly string[],
): { server: string; node: string; type: string } | undefined {
  const type = text(event['node_type']);
  return type === '' ? undefined : { server, node: blank(text(event['node_id']), secrets), type: blank(type, secrets) };
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
      ...say('job-cancelled-early', { server }),
    });
  }
  if (state.disconnected) {
    return comfyuiError({
      kind: 'job-failed',
      outcome: 'lost',
      retryable: true,
      code: 'job-gone',
      handle,
      ...say('job-lost', { server }),
    });
  }
  return comfyuiError({
    kind: 'job-failed',
    outcome: 'failed',
    code: 'job-deleted',
    handle,
    ...say('job-deleted', { server }),
  });
}
