import type { SessionRecord } from '@holodeck/core/stores';

/** A session's lock, for people. */
export interface SessionLockInfo {
  readonly sessionId: string;
  /** `free` = no image; `claimed` = a first image is being tried; `locked` = everyone follows `backend`. */
  readonly state: 'free' | 'claimed' | 'locked';
  readonly epoch: number;
  readonly backend?: string;
  readonly model?: string;
  readonly fingerprint?: string;
  readonly reason?: string;
  /** The probe reports at the time of the choice. */
  readonly probes?: readonly unknown[];
  /** Who holds the claim. */
  readonly owner?: string;
  /** Unix time in milliseconds. */
  readonly acquiredAtMs?: number;
}

export function lockInfoOf(record: SessionRecord): SessionLockInfo {
  const { data: _data, revision: _revision, expiresAtMs: _expiresAtMs, ...info } = record;
  return info;
}
