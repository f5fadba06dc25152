import { ImageError } from '@holodeck/core';
import { credentialHash } from '@holodeck/core/backend';
import type { JobHandle, Lane } from '@holodeck/core/backend';
import { createHash } from 'node:crypto';
import type { Message } from '@holodeck/core/messages';
import { say } from './openai-messages.ts';
import type { ResolvedOpenAIOptions } from './openai-options.ts';

/** What the handle's `data` holds: where the spooled answer is. */
export interface OpenAIHandleData {
  /** File name inside the spool folder; absent = kept in the memory of the process that submitted. */
  readonly answer?: string;
  readonly requestId?: string;
  readonly model?: string;
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

/** @throws {ImageError} when the handle belongs to another backend or account. The job itself is untouched. */
export function checkHandle(handle: JobHandle, lane: Lane, credential: string): OpenAIHandleData {
  if (handle.version !== 1 || handle.backend !== 'openai') {
    throw refused('internal', say('handle-foreign', { backend: handle.backend, version: handle.version }));
  }
  if (handle.credential !== credential || handle.lane !== lane.id) {
    throw refused('auth', say('handle-account', { jobId: handle.jobId, host: lane.label }));
  }
  return handle.data ?? {};
}

function refused(kind: 'auth' | 'internal', said: Message): ImageError {
  return new ImageError({ kind, outcome: 'accepted', backend: 'openai', ...said });
}
