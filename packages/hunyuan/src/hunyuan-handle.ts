import { ImageError } from '@holodeck/core';
import type { JobHandle } from '@holodeck/core/backend';
import { backendName } from './hunyuan-options.ts';

/** What `collect` must know besides the job's id. */
export interface HandleData {
  /** The seed that was sent. */
  readonly seed?: number;
  /** Whether the service rewrites the prompt: only then is what it returns another prompt. */
  readonly rewritePrompt: boolean;
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
  const refuse = (kind: 'auth' | 'internal', message: string): ImageError =>
    new ImageError({ kind, outcome: 'accepted', backend: backendName, handle, message });
  if (handle.backend !== backendName || handle.version !== 1) {
    throw refuse(
      'internal',
      `Job ${handle.jobId} was made by ${handle.backend} (handle version ${String(handle.version)}) and cannot be collected by ${backendName}. Use the backend and version that made it.`,
    );
  }
  if (handle.credential !== owner.credential) {
    throw refuse(
      'auth',
      `Job ${handle.jobId} belongs to another account or key than the configured one. Set the SecretId that made it, then collect it again.`,
    );
  }
  if (handle.lane !== owner.lane) {
    throw refuse(
      'internal',
      `Job ${handle.jobId} runs on ${handle.lane.split('/').slice(0, 2).join(' in ')}, but this backend uses ${owner.lane.split('/').slice(0, 2).join(' in ')}. Set api and region as they were, then collect it again.`,
    );
  }
  const seed = handle.data?.['seed'];
  return {
    ...(typeof seed === 'number' ? { seed } : {}),
    rewritePrompt: handle.data?.['rewritePrompt'] === true,
  };
}
