import type { ProbeReport } from '@holodeck/core';
import type { AssetRecord, PublishWrites, SessionRecord } from '@holodeck/core/stores';
import { ImageError } from '@holodeck/core';
import { findSentence, joinSentences } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { assetOf, rowOf } from '../assets/asset.ts';
import type { BackendLook } from '../backends/backend-look.ts';
import type { BackendMember } from '../backends/backend-member.ts';
import { noBackendAvailable, sessionError } from '../internal/errors.ts';
import { sessionDataOf, storedData } from '../session/session-data.ts';
import { reasonOf } from '../session/session-events.ts';
import { say } from './lock-messages.ts';

type NextRecord = Omit<SessionRecord, 'revision'>;

/** A session of which nothing is stored yet. */
export function emptyRecord(sessionId: string): SessionRecord {
  return { sessionId, state: 'free', epoch: 0, data: {}, revision: 0 };
}

/** The fields of a grant that come from the record. */
export function grantParts(record: SessionRecord): { sessionId: string; epoch: number; choiceEpoch: number } {
  const { sessionId, epoch } = record;
  return { sessionId, epoch, choiceEpoch: sessionDataOf(record).choiceEpoch ?? epoch };
}

/** What a claim is made with. */
export interface ClaimParts {
  readonly ownerId: string;
  readonly now: number;
  readonly claimLeaseMs: number;
  readonly reason: Message;
  readonly reports: readonly ProbeReport[];
  readonly tried: readonly string[];
}

/** The record of a new choice: one epoch later. */
export function claimRecord(record: SessionRecord, look: BackendLook, parts: ClaimParts): NextRecord {
  const epoch = record.epoch + 1;
  const { tried: _tried, ...data } = sessionDataOf(record);
  return {
    sessionId: record.sessionId,
    state: 'claimed',
    epoch,
    backend: look.name,
    model: look.model,
    fingerprint: look.fingerprint,
    reason: parts.reason.message,
    probes: parts.reports,
    owner: parts.ownerId,
    acquiredAtMs: parts.now,
    expiresAtMs: parts.now + parts.claimLeaseMs,
    data: storedData({
      ...data,
      reason: parts.reason,
      choiceEpoch: epoch,
      ...(parts.tried.length === 0 ? {} : { tried: parts.tried }),
    }),
  };
}

/** The record of a session without a backend. The epoch stays: nothing was chosen. */
export function freeRecord(record: SessionRecord): NextRecord {
  const { reason: _reason, choiceEpoch: _epoch, tried: _tried, before: _before, ...data } = sessionDataOf(record);
  return { sessionId: record.sessionId, state: 'free', epoch: record.epoch, data: storedData(data) };
}

/** A claim whose owner gave it up: the next owner continues with the same backend. */
export function handedOnRecord(record: SessionRecord, now: number): NextRecord {
  return { ...unownedRecord(record), expiresAtMs: now };
}

/** A record without the fields of a claim's owner. */
function unownedRecord(record: SessionRecord): NextRecord {
  const { owner: _owner, expiresAtMs: _expiresAtMs, revision: _revision, ...rest } = record;
  return rest;
}

/** The record of a session whose first image is stored. */
export function lockedRecord(record: SessionRecord): NextRecord {
  const { tried: _tried, before: _before, ...data } = sessionDataOf(record);
  return { ...unownedRecord(record), state: 'locked', data: storedData(data) };
}

/** Undoes a restart that found no backend: restores the lock and the assets, under a new epoch. */
export function restoreBefore(session: SessionRecord, rows: readonly AssetRecord[], now: number): PublishWrites {
  const { before, tried: _tried, ...data } = sessionDataOf(session);
  if (before === undefined) return {};
  const epoch = session.epoch + 1;
  const { backend, model, fingerprint, choiceEpoch, restartEpoch } = before;
  const reason = say('back-to', { backend });
  const restored = rows
    .map(assetOf)
    .filter(({ state, staleSinceEpoch }) => state === 'stale' && staleSinceEpoch === restartEpoch)
    .map(({ staleReason: _reason, staleSinceEpoch: _since, ...asset }) =>
      rowOf({ ...asset, epoch, state: 'current', updatedAtMs: now }),
    );
  return {
    session: {
      ...unownedRecord(session),
      state: 'locked',
      epoch,
      backend,
      model,
      fingerprint,
      reason: reason.message,
      data: storedData({ ...data, reason, choiceEpoch }),
      revision: session.revision,
    },
    assets: restored,
    events: [{ type: 'lock', data: { backend, epoch, ...reasonOf(say('not-restarted')) } }],
  };
}

/** Why a locked session cannot continue with the current configuration. */
export async function lockMismatch(record: SessionRecord, members: readonly BackendMember[]): Promise<ImageError> {
  const { sessionId, backend: name = '', model = '', fingerprint = '' } = record;
  const offered: Message[] = [];
  for (const member of members) {
    const backend = await member.load().then(
      (loaded) => loaded.backend,
      () => undefined,
    );
    if (member.name !== name || backend === undefined) continue;
    offered.push(say('locked-differs', { backend: name, model: backend.model, fingerprint: backend.fingerprint }));
  }
  if (offered.length === 0) offered.push(say('locked-absent', { backend: name }));
  const locked = say('locked-to', { sessionId, backend: name, model, fingerprint });
  return sessionError('lock-mismatch', joinSentences(locked, ...offered, say('locked-remedy')));
}

/** Why no backend can be tried. */
export function describeDown(reports: readonly ProbeReport[], preferred: string | undefined): Message {
  if (reports.length === 0)
    return preferred === undefined ? say('none-configured') : say('preferred-absent', { backend: preferred });
  const parts = reports.map(({ backend, message, remedy, sentences }) =>
    joinSentences(
      say('backend-says', { backend, reason: findSentence(message, sentences) }),
      remedy && findSentence(remedy, sentences),
    ),
  );
  return joinSentences(say('none-available'), ...parts);
}

/** The error of a round in which every backend was tried. */
export function roundError(failures: readonly { readonly name: string; readonly error: ImageError }[]): ImageError {
  const last = failures.at(-1);
  if (last === undefined) throw new TypeError('A round ends with at least one failure.');
  if (failures.length === 1) return last.error;
  const parts = failures.map(({ name, error }) => say('backend-says', { backend: name, reason: error }));
  return ImageError.with(last.error, { code: noBackendAvailable, ...joinSentences(say('none-took'), ...parts) });
}
