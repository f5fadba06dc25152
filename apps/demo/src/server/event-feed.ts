import type { Session } from '@holodeck/hybrid';
import type { SSEStreamingApi } from 'hono/streaming';
import type { FeedEvents } from '../shared/demo-api.ts';
import type { DemoSessions } from './demo-sessions.ts';
import type { DemoServices } from './services.ts';
import { changesView, storyEventOf } from './story.ts';

/** The sources of a feed. */
export interface FeedSources {
  readonly services: DemoServices;
  readonly sessions: Pick<DemoSessions, 'availability' | 'list' | 'view' | 'onChange'> & {
    session(sessionId: string): Pick<Session, 'events'>;
  };
  /** Aborted when the server closes. */
  readonly closing: AbortSignal;
}

/** Interval of heartbeats, which keep proxies from closing an idle feed and detect closed pages. Milliseconds. */
const heartbeatMs = 15_000;
/** Interval of backend checks while a page is open; the client's cache decides whether a probe is sent. */
const lookMs = 10_000;

/**
 * All events for the pages of one browser on one connection: availability, faults, the list, and the story and state of the sessions
 * on screen. Ends when the pages or the server close.
 *
 * @param after The last known event of the story; only for a single session.
 */
export async function feedEvents(
  sources: FeedSources,
  stream: SSEStreamingApi,
  { sessionIds, after }: { readonly sessionIds: ReadonlySet<string>; readonly after: number },
): Promise<void> {
  const { services, sessions, closing } = sources;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  stream.onAbort(end);
  closing.addEventListener('abort', end, { once: true });
  if (closing.aborted) end();
  const { signal } = ending;
  const send = async <Name extends keyof FeedEvents>(
    name: Name,
    data: FeedEvents[Name],
    id?: number,
  ): Promise<void> => {
    await stream.writeSSE({
      event: name,
      data: JSON.stringify(data),
      ...(id === undefined ? {} : { id: String(id) }),
    });
  };
  const pumps = {
    availability: pump(signal, async () => send('availability', await sessions.availability())),
    sessions: pump(signal, async () => send('sessions', await sessions.list())),
    faults: pump(signal, async () => {
      if (services.faults !== undefined) await send('faults', services.faults.state());
    }),
  };
  const views = new Map(
    [...sessionIds].map((id) => [id, pump(signal, async () => send('view', await sessions.view(id)))]),
  );
  const stopListening = sessions.onChange(
    (changed) => {
      pumps.sessions();
      views.get(changed)?.();
      pumps.faults();
    },
    () => {
      pumps.availability();
      pumps.faults();
      for (const view of views.values()) view();
    },
  );
  const heartbeat = setInterval(() => void stream.write(': \n\n'), heartbeatMs);
  const look = setInterval(pumps.availability, lookMs);
  try {
    for (const start of [...Object.values(pumps), ...views.values()]) start();
    const tell = async (id: string): Promise<void> => {
      const first = sessionIds.size === 1 ? after : 0;
      for await (const event of sessions.session(id).events({ after: first, signal })) {
        await send('story', storyEventOf(id, event), event.sequence);
        if (event.type !== 'preview') pumps.faults();
        if (!changesView(event.type)) continue;
        views.get(id)?.();
        pumps.sessions();
      }
    };
    const ended = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
    });
    await Promise.all([ended, ...[...sessionIds].map(tell)]);
  } finally {
    // If one session's story cannot be read, the loops of the others must end with the feed.
    end();
    closing.removeEventListener('abort', end);
    clearInterval(heartbeat);
    clearInterval(look);
    stopListening();
  }
}

/** Runs `work` on request, one run at a time; a request during a run causes one more run. */
function pump(signal: AbortSignal, work: () => Promise<void>): () => void {
  let isWanted = false;
  let isRunning = false;
  return () => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    void (async () => {
      while (isWanted && !signal.aborted) {
        isWanted = false;
        // A state that cannot be read now is read at the next change.
        await work().catch(() => undefined);
      }
      isRunning = false;
    })();
  };
}
