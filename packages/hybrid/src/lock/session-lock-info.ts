import type { Message } from '@holodeck/core/messages';
import type { SessionRecord } from '@holodeck/core/stores';
import { sessionDataOf } from '../session/session-data.ts';

/** A session's lock, to show to people. */
export interface SessionLockInfo {
  readonly sessionId: string;
  /** `free` = no image; `claimed` = the first image is being tried; `locked` = all images come from `backend`. */
  readonly state: 'free' | 'claimed' | 'locked';
  readonly epoch: number;
  readonly backend?: string;
  readonly model?: string;
  readonly fingerprint?: string;
  readonly reason?: string;
  /** The reason with its id, to translate it with `renderSentence`. */
  readonly sentences?: readonly Message[];
  /** The probe reports at the time of the choice. */
  readonly probes?: readonly unknown[];
  /** Who holds the claim. */
  readonly owner?: string;
  /** Unix time in milliseconds. */
  readonly acquiredAtMs?: number;
}

/** The lock in a session's record. */
export function lockInfoOf(record: SessionRecord): SessionLockInfo {
  const { data: _data, revision: _revision, expiresAtMs: _expiresAtMs, ...info } = record;
  const { reason } = sessionDataOf(record);
  return reason === undefined ? info : { ...info, sentences: [reason] };
}
