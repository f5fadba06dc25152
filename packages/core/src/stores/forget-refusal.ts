import { ImageError } from '../contract/index.ts';
import { parseOwnerId } from './owner.ts';

/** The error of `forget` for a task that somebody works on. */
export function refuseForget(taskId: string, ownerId: string): ImageError {
  const owner = parseOwnerId(ownerId);
  const who = owner === undefined ? 'another client' : `process ${owner.pid} on ${owner.host}`;
  return new ImageError({
    kind: 'invalid-request',
    outcome: 'not-submitted',
    message: `Task ${taskId} is being worked on by ${who} and cannot be forgotten. Wait until it ends, or stop that process first.`,
  });
}
