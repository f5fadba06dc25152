import { useEffect, useState } from 'preact/hooks';
import type { FaultPanelState, FeedEvents } from '../../src/shared/demo-api.ts';
import type { AvailabilityView, SessionSummary, SessionView, StoryEvent } from '../../src/shared/session-view.ts';

/** What the server tells, as it stands. */
export interface Feed {
  readonly isConnected: boolean;
  readonly availability: readonly AvailabilityView[] | undefined;
  readonly faults: FaultPanelState | undefined;
  readonly sessions: readonly SessionSummary[] | undefined;
  /** Of the session that is looked at. */
  readonly view: SessionView | undefined;
  readonly story: readonly StoryEvent[];
}

const empty: Feed = {
  isConnected: true,
  availability: undefined,
  faults: undefined,
  sessions: undefined,
  view: undefined,
  story: [],
};

/** Listens to the server; the browser connects again by itself and goes on where the story stopped. */
export function useFeed(sessionId: string | undefined): Feed {
  const [feed, setFeed] = useState<Feed>(empty);
  useEffect(() => {
    setFeed((before) => ({ ...before, view: undefined, story: [] }));
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const connect = (): void => {
      const query = sessionId === undefined ? '' : `?session=${encodeURIComponent(sessionId)}`;
      source = new EventSource(`/api/events${query}`);
      source.onopen = () => setFeed((before) => ({ ...before, isConnected: true }));
      source.onerror = () => {
        setFeed((before) => ({ ...before, isConnected: false }));
        // A connection that is refused outright is given up by the browser.
        if (source?.readyState !== EventSource.CLOSED) return;
        retry = setTimeout(connect, 1500);
      };
      on(source, 'availability', (availability) => setFeed((before) => ({ ...before, availability })));
      on(source, 'faults', (faults) => setFeed((before) => ({ ...before, faults })));
      on(source, 'sessions', (sessions) => setFeed((before) => ({ ...before, sessions })));
      on(source, 'view', (view) => setFeed((before) => ({ ...before, view })));
      on(source, 'story', (event) => setFeed((before) => ({ ...before, story: withEvent(before.story, event) })));
    };
    connect();
    return () => {
      clearTimeout(retry);
      source?.close();
    };
  }, [sessionId]);
  return feed;
}

function on<Name extends keyof FeedEvents>(
  source: EventSource,
  name: Name,
  listener: (data: FeedEvents[Name]) => void,
): void {
  source.addEventListener(name, (event) => listener(JSON.parse((event as MessageEvent<string>).data)));
}

/** A new connection may begin from the start. */
function withEvent(story: readonly StoryEvent[], event: StoryEvent): readonly StoryEvent[] {
  const last = story.at(-1)?.sequence ?? 0;
  return event.sequence > last ? [...story, event] : story;
}
