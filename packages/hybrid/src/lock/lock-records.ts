import type { ImageBackend, ProbeReport } from '@holodeck/core';
import type { AssetRecord, PublishWrites, SessionRecord } from '@holodeck/core/stores';
import { ImageError } from '@holodeck/core';
import { assetOf, rowOf } from '../assets/asset.ts';
import type { BackendMember } from '../backends/backend-member.ts';
import { noBackendAvailable, sessionError } from '../internal/errors.ts';
import { sessionDataOf, storedData } from '../session/session-data.ts';

type NextRecord = Omit<SessionRecord, 'revision'>;

/** A session that nothing is stored of. */
export function emptyRecord(sessionId: string): SessionRecord {
  return { sessionId, state: 'free', epoch: 0, data: {}, revision: 0 };
}

/** The parts of a grant that stand in the record. */
export function grantParts(record: SessionRecord): { sessionId: string; epoch: number; choiceEpoch: number } {
  const { sessionId, epoch } = record;
  return { sessionId, epoch, choiceEpoch: sessionDataOf(record).choiceEpoch ?? epoch };
}

/** What a claim is made with. */
export interface ClaimParts {
  readonly ownerId: string;
  readonly now: number;
  readonly claimLeaseMs: number;
  readonly reason: string;
  readonly reports: readonly ProbeReport[];
  readonly tried: readonly string[];
}

/** The record of a new choice: one epoch later. */
export function claimRecord(record: SessionRecord, backend: ImageBackend, parts: ClaimParts): NextRecord {
  const epoch = record.epoch + 1;
  const { tried: _tried, ...data } = sessionDataOf(record);
  return {
    sessionId: record.sessionId,
    state: 'claimed',
    epoch,
    backend: backend.name,
    model: backend.model,
    fingerprint: backend.fingerprint,
    reason: parts.reason,
    probes: parts.reports,
    owner: parts.ownerId,
    acquiredAtMs: parts.now,
    expiresAtMs: parts.now + parts.claimLeaseMs,
    data: storedData({ ...data, choiceEpoch: epoch, ...(parts.tried.length === 0 ? {} : { tried: parts.tried }) }),
  };
}

/** The record of a session without a backend. The epoch stays: nothing was chosen. */
export function freeRecord(record: SessionRecord): NextRecord {
  const { choiceEpoch: _choiceEpoch, tried: _tried, before: _before, ...data } = sessionDataOf(record);
  return { sessionId: record.sessionId, state: 'free', epoch: record.epoch, data: storedData(data) };
}

/** A claim that its owner has given up: it waits for a new one, who will go on with the same backend. */
export function handedOnRecord(record: SessionRecord, now: number): NextRecord {
  return { ...unownedRecord(record), expiresAtMs: now };
}

/** A record without what belongs to a claim's owner. */
function unownedRecord(record: SessionRecord): NextRecord {
  const { owner: _owner, expiresAtMs: _expiresAtMs, revision: _revision, ...rest } = record;
  return rest;
}

/** The record of a session whose first image is stored. */
export function lockedRecord(record: SessionRecord): NextRecord {
  const { tried: _tried, before: _before, ...data } = sessionDataOf(record);
  return { ...unownedRecord(record), state: 'locked', data: storedData(data) };
}

/** Undoes a restart that found no backend: the lock and the assets as they were, under a new epoch. */
export function restoreBefore(session: SessionRecord, rows: readonly AssetRecord[], now: number): PublishWrites {
  const { before, tried: _tried, ...data } = sessionDataOf(session);
  if (before === undefined) return {};
  const epoch = session.epoch + 1;
  const { backend, model, fingerprint, choiceEpoch, restartEpoch } = before;
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
      reason: `back to ${backend}: the restart found no other backend that could take the session`,
      data: storedData({ ...data, choiceEpoch }),
      revision: session.revision,
    },
    assets: restored,
    events: [{ type: 'lock', data: { backend, epoch, reason: 'restart without success' } }],
  };
}

/** Why a locked session cannot go on with the present configuration. */
export async function lockMismatch(record: SessionRecord, members: readonly BackendMember[]): Promise<ImageError> {
  const offered: string[] = [];
  for (const member of members) {
    const backend = await member.load().then(
      (loaded) => loaded.backend,
      () => undefined,
    );
    if (member.name === record.backend && backend !== undefined)
      offered.push(`${backend.name}, model ${backend.model}, fingerprint ${backend.fingerprint}`);
  }
  const now =
    offered.length === 0
      ? `${record.backend} is not configured (or cannot be loaded)`
      : `the configuration now offers ${offered.join('; ')}`;
  return sessionError(
    'lock-mismatch',
    `Session ${record.sessionId} is locked to ${record.backend}, model ${record.model}, fingerprint ${record.fingerprint}; ${now}. ` +
      'Its images would no longer look alike. Restore the earlier configuration, use another session id, or give up the images with relock({ discardAssets: true }).',
  );
}

/** Why no backend can be tried. */
export function describeDown(reports: readonly ProbeReport[], preferred: string | undefined): string {
  if (reports.length === 0) {
    return preferred === undefined
      ? 'No image backend is configured. Set HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY, or OPENAI_API_KEY, or COMFYUI_URL.'
      : `The session was told to use ${preferred}, which is not configured. Configure it, or call relock() with another backend.`;
  }
  const lines = reports.map(
    (report) => `${report.backend}: ${report.message}${report.remedy === undefined ? '' : ` ${report.remedy}`}`,
  );
  return `No image backend is available. ${lines.join(' ')}`;
}

/** The end of a round in which every backend was tried. */
export function roundError(failures: readonly { readonly name: string; readonly error: ImageError }[]): ImageError {
  const last = failures.at(-1);
  if (last === undefined) throw new TypeError('A round ends with at least one failure.');
  if (failures.length === 1) return last.error;
  return ImageError.with(last.error, {
    code: noBackendAvailable,
    message: `No image backend could take the session. ${failures.map(({ name, error }) => `${name}: ${error.message}`).join(' ')}`,
  });
}
