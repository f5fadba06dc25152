import { ImageError } from '@holodeck/core';
import type { JobHandle } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { say } from './hunyuan-messages.ts';
import { backendName } from './hunyuan-options.ts';

/** What `collect` needs besides the job's id. */
export interface HandleData {
  /** The seed that was sent. */
  readonly seed?: number;
  /** Whether the service rewrites the prompt: only then the prompt that it returns is another one. */
  readonly rewritePrompt: boolean;
  /** Set when the service had named the same job for an earlier submission: its picture belongs to that one. */
  readonly ofAnother?: boolean;
}

/** Whose jobs a backend can collect. */
export interface HandleOwner {
  readonly lane: string;
  readonly credential: string;
}

/**
 * Checks that a job can be collected with these credentials in this region.
 * @throws {ImageError} outcome `accepted`: the job is not lost, it needs another configuration.
 */
export function readHandle(handle: JobHandle, owner: HandleOwner): HandleData {
  const { jobId: job } = handle;
  const refuse = (kind: 'auth' | 'internal', said: Message): ImageError =>
    new ImageError({ kind, outcome: 'accepted', backend: backendName, handle, ...said });
  if (handle.backend !== backendName || handle.version !== 1) {
    const { backend, version } = handle;
    throw refuse('internal', say('handle-foreign', { job, backend, version: String(version), own: backendName }));
  }
  if (handle.credential !== owner.credential) throw refuse('auth', say('handle-account', { job }));
  if (handle.lane !== owner.lane) {
    throw refuse('internal', say('handle-lane', { job, lane: laneText(handle.lane), own: laneText(owner.lane) }));
  }
  const seed = handle.data?.['seed'];
  return {
    ...(typeof seed === 'number' ? { seed } : {}),
    ...(handle.data?.['ofAnother'] === true ? { ofAnother: true } : {}),
    rewritePrompt: handle.data?.['rewritePrompt'] === true,
  };
}

function laneText(id: string): Message {
  const [service = '', region = ''] = id.split('/');
  return say('lane-in', { service, region });
}
