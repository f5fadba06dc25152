import { ImageError } from '../contract/index.ts';
import type { AssetRecord, PublishSection, PublishWrites, SessionRecord } from './session-store.ts';

/** What a session without a record looks like inside a publish section. */
export function emptySession(sessionId: string): SessionRecord {
  return { sessionId, state: 'free', epoch: 0, data: {}, revision: 0 };
}

/** A session record as JSON text. The revision is kept beside it. */
export function encodeSession(session: Omit<SessionRecord, 'revision'>): string {
  const { revision: _revision, ...record } = session as SessionRecord;
  return JSON.stringify(record);
}

/** A session from the text of `encodeSession` and its revision. */
export function decodeSession(record: string, revision: number): SessionRecord {
  return { ...(JSON.parse(record) as Omit<SessionRecord, 'revision'>), revision };
}

/** An asset from the text that `JSON.stringify` made of it. */
export function decodeAsset(record: string): AssetRecord {
  return JSON.parse(record) as AssetRecord;
}

/** Calls the work of a publish section and checks what it returns, before anything is written. */
export function runPublishWork(
  section: PublishSection,
  work: (section: PublishSection) => PublishWrites,
): PublishWrites {
  const writes = work(section);
  const { sessionId } = section.session;
  if (typeof writes !== 'object' || writes === null || 'then' in writes) {
    throw publishError(sessionId, 'its work must be synchronous and return an object of writes');
  }
  const { session, assets = [] } = writes;
  if (session !== undefined && session.sessionId !== sessionId) {
    throw publishError(sessionId, 'it returned the record of another session');
  }
  if (assets.some((asset) => asset.sessionId !== sessionId)) {
    throw publishError(sessionId, 'it returned an asset of another session');
  }
  return writes;
}

function publishError(sessionId: string, reason: string): ImageError {
  return new ImageError({
    kind: 'internal',
    outcome: 'not-submitted',
    message: `The publish section of session ${sessionId} was rolled back: ${reason}.`,
  });
}
