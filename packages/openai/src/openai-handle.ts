import { ImageError } from '@holodeck/core';
import { credentialHash } from '@holodeck/core/backend';
import type { JobHandle, Lane } from '@holodeck/core/backend';
import { createHash } from 'node:crypto';
import type { Message } from '@holodeck/core/messages';
import { say } from './openai-messages.ts';
import type { ResolvedOpenAIOptions } from './openai-options.ts';

/** What the handle's `data` holds: where the spooled answer is, or the batch. */
export interface OpenAIHandleData {
  /** File name inside the spool folder; absent = kept in the memory of the process that submitted. */
  readonly answer?: string;
  readonly requestId?: string;
  readonly model?: string;
  /** The name under which the submission's batch was sent; absent = it was sent directly. */
  readonly group?: string;
  /** Id of the batch; absent until it is known. */
  readonly batch?: string;
}

/** The account: server and key, as a hash that reveals neither. */
export function openaiCredential({ baseURL, apiKey }: ResolvedOpenAIOptions): string {
  const key = createHash('sha256')
    .update(apiKey ?? '')
    .digest('hex');
  return credentialHash('openai', baseURL.origin + baseURL.pathname, key);
}

/** Rate limits belong to an account at a server. */
export function openaiLane(options: ResolvedOpenAIOptions): Lane {
  const { baseURL } = options;
  return {
    id: `openai:${baseURL.origin}${baseURL.pathname}#${openaiCredential(options)}`,
    label: baseURL.host,
    defaultMaxConcurrent: 4,
  };
}

/** Batches have a lane of their own: what waits in them takes no place of direct requests. */
export function openaiBatchLane(options: ResolvedOpenAIOptions): Lane {
  const { id, label } = openaiLane(options);
  return { id: `${id}/batch`, label, defaultMaxConcurrent: 10_000 };
}

/** @throws {ImageError} when the handle belongs to another backend or account. The job itself is untouched. */
export function checkHandle(handle: JobHandle, lanes: readonly Lane[], credential: string): OpenAIHandleData {
  if (handle.version !== 1 || handle.backend !== 'openai') {
    throw refused('internal', say('handle-foreign', { backend: handle.backend, version: handle.version }));
  }
  if (handle.credential !== credential || !lanes.some(({ id }) => id === handle.lane)) {
    throw refused('auth', say('handle-account', { jobId: handle.jobId, host: lanes[0]?.label ?? '' }));
  }
  return handle.data ?? {};
}

function refused(kind: 'auth' | 'internal', said: Message): ImageError {
  return new ImageError({ kind, outcome: 'accepted', backend: 'openai', ...said });
}
