import { messageOf } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import type { SessionEventRecord } from '@holodeck/core/stores';
import type { HybridContext } from '../internal/hybrid-context.ts';

/**
 * One event of a session's story. Types: `probe`, `claim`, `lock`, `progress`, `preview`, `asset`, `superseded`, `stale`,
 * `gate`, `failure`, `waiting`, `restart`, `release`, `adopted`.
 */
export type SessionEvent = SessionEventRecord;

/** How a story is read. */
export interface SessionEventOptions {
  /** Only events after this sequence number. Default 0: from the beginning. */
  readonly after?: number;
  /** Whether to wait for new events. Default true; with false, the iteration ends after the last event so far. */
  readonly follow?: boolean;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

/** The reason of an event, with its id and values. */
export function reasonOf(said: Message): Readonly<Record<string, unknown>> {
  const { message: reason, ...id } = messageOf(said);
  return { reason, ...id };
}

/** First and longest interval for polling events of other processes. */
const firstLookMs = 50;
const longestLookMs = 1000;

/** A session's stored events, then new ones from any process. */
export async function* followEvents(
  context: HybridContext,
  sessionId: string,
  { after = 0, follow = true, signal }: SessionEventOptions,
): AsyncGenerator<SessionEvent, void, undefined> {
  let sequence = after;
  for (let lookMs = firstLookMs; ;) {
    if (signal?.aborted === true) return;
    const events = await context.store.sessions.events(sessionId, sequence);
    for (const event of events) {
      sequence = event.sequence;
      yield event;
    }
    if (!follow) return;
    if (events.length > 0) {
      lookMs = firstLookMs;
      continue;
    }
    try {
      await context.hub.wait(sessionId, lookMs, signal);
    } catch {
      return;
    }
    lookMs = Math.min(lookMs * 2, longestLookMs);
  }
}
