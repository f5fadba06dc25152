import { ImageError } from '../contract/index.ts';
import type { Message } from '../messages/message.ts';
import type { AssetRecord, PublishSection, PublishWrites, SessionRecord } from './session-store.ts';
import { say } from './store-messages.ts';

/** A session without a record, as a publish section sees it. */
export function emptySession(sessionId: string): SessionRecord {
  return { sessionId, state: 'free', epoch: 0, data: {}, revision: 0 };
}

/** A session record as JSON text. The revision has a column of its own. */
export function encodeSession(session: Omit<SessionRecord, 'revision'>): string {
  const { revision: _revision, ...record } = session as SessionRecord;
  return JSON.stringify(record);
}

/** A session's record from its stored text and the revision beside it. */
export function decodeSession(record: string, revision: number): SessionRecord {
  return { ...(JSON.parse(record) as Omit<SessionRecord, 'revision'>), revision };
}

/** An asset's record from its stored text. */
export function decodeAsset(record: string): AssetRecord {
  return JSON.parse(record) as AssetRecord;
}

/** Runs the work of a publish section and checks the result before anything is written. */
export function runPublishWork(
  section: PublishSection,
  work: (section: PublishSection) => PublishWrites,
): PublishWrites {
  const writes = work(section);
  const { sessionId } = section.session;
  if (typeof writes !== 'object' || writes === null || 'then' in writes) {
    throw publishError(say('publish-asynchronous', { sessionId }));
  }
  const { session, assets = [] } = writes;
  if (session !== undefined && session.sessionId !== sessionId) {
    throw publishError(say('publish-session', { sessionId }));
  }
  if (assets.some((asset) => asset.sessionId !== sessionId)) {
    throw publishError(say('publish-asset', { sessionId }));
  }
  return writes;
}

function publishError(said: Message): ImageError {
  return new ImageError({ kind: 'internal', outcome: 'not-submitted', ...said });
}
