import type { PaidBackend } from '@holodeck/core/backend';
import { createImageQueue, listQueueStatus } from '@holodeck/redis';
import type { ImageQueue } from '@holodeck/redis';

import { CommandError } from './command-error.ts';
import { exitCodes } from './exit-codes.ts';
import { findBackend } from './image-clients.ts';
import { messages } from '../messages/messages.ts';

/** A queue, and the backend that its workers pay, if it is known here. */
export interface OpenedQueue {
  readonly queue: ImageQueue;
  readonly backend?: PaidBackend;
}

/**
 * The queue that tasks are put into: that of the configured backend's lane, else the only one that a worker has opened.
 *
 * @throws CommandError exit 3 if neither says which queue is meant.
 */
export async function openTaskQueue(url: string, backendName: string): Promise<OpenedQueue> {
  const backend = await findBackend(backendName);
  const lane = backend?.lanes[0];
  await backend?.close();
  if (backend !== undefined && lane !== undefined) {
    return { queue: await createImageQueue({ url, lane, backend }), backend };
  }
  const queues = (await listQueueStatus({ url })).filter(
    (queue) => backendName === 'auto' || queue.backend === backendName,
  );
  const [only] = queues;
  if (only === undefined || queues.length > 1) {
    const found = queues.map((queue) => `${queue.backend ?? ''} ${queue.label ?? queue.lane}`).join(', ');
    const { notTold, noQueue, several } = messages().errors.queue;
    throw new CommandError(notTold(found === '' ? noQueue : several(found)), exitCodes.noBackend);
  }
  const { backend: name, model } = only;
  const queue = await createImageQueue({ url, lane: only.lane });
  if (name === undefined || model === undefined) return { queue };
  return { queue, backend: { name, model, capabilities: { billable: name !== 'comfyui' } } };
}
