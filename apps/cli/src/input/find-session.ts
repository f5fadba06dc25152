import type { SessionRecord, Store } from '@holodeck/core/stores';

import { CommandError } from '../run/command-error.ts';
import { messages } from '../messages/messages.ts';
import { suggest } from '../options/suggest.ts';

/** The session that an id names, in any Unicode form. @throws CommandError when the store has none, with what may be meant. */
export async function findSession(store: Store, id: string): Promise<SessionRecord> {
  const record = await store.sessions.get(id.normalize('NFC'));
  if (record !== undefined) return record;
  const { noSession, didYouMean } = messages().errors;
  const { isSessionId } = await import('@holodeck/hybrid');
  const ids = (await store.sessions.list()).map(({ sessionId }) => sessionId).filter(isSessionId);
  const near = suggest(id.normalize('NFC'), ids);
  throw new CommandError(near === undefined ? noSession(id) : `${noSession(id)}\n(${didYouMean(near)})`);
}
