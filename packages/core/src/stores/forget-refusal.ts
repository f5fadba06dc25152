import { invalidRequest } from '../contract/index.ts';
import type { ImageError } from '../contract/index.ts';
import { parseOwnerId } from './owner.ts';
import { say } from './store-messages.ts';

/** The error of `forget` for a task that somebody works on. */
export function refuseForget(taskId: string, ownerId: string): ImageError {
  const parsed = parseOwnerId(ownerId);
  const owner =
    parsed === undefined ? say('owner-other') : say('owner-process', { pid: parsed.pid, host: parsed.host });
  return invalidRequest(say('forget-refused', { taskId, owner }));
}
