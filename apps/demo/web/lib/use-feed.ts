import { useEffect, useState } from 'preact/hooks';
import type { FaultPanelState } from '../../src/shared/demo-api.ts';
import type { AvailabilityView, SessionSummary, SessionView, StoryEvent } from '../../src/shared/session-view.ts';
import { FeedSource } from './feed-source.ts';
import type { FeedNews } from './feed-source.ts';
import { SharedFeed } from './shared-feed.ts';

/** The latest state from the server. */
export interface Feed {
  readonly isConnected: boolean;
  readonly availability: readonly AvailabilityView[] | undefined;
  readonly faults: FaultPanelState | undefined;
  readonly sessions: readonly SessionSummary[] | undefined;
  /** Of the session on screen. */
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

/** The feed of this tab. Without a secure context tabs cannot share one, so each has its own connection. */
let shared: SharedFeed | undefined;
let listener: (news: FeedNews) => void = () => undefined;

function listen(sessionId: string | undefined, tell: (news: FeedNews) => void): () => void {
  if (!('locks' in navigator)) {
    const source = new FeedSource(sessionId === undefined ? [] : [sessionId], false, tell);
    return () => source.close();
  }
  listener = tell;
  shared ??= new SharedFeed((news) => listener(news));
  shared.want(sessionId);
  return () => {
    listener = () => undefined;
  };
}

/** Listens to the server. Reconnects automatically and continues the story where it stopped. */
export function useFeed(sessionId: string | undefined): Feed {
  const [feed, setFeed] = useState<Feed>(empty);
  useEffect(() => {
    setFeed((before) => ({ ...before, view: undefined, story: [] }));
    return listen(sessionId, (news) => setFeed((before) => withNews(before, news, sessionId)));
  }, [sessionId]);
  return feed;
}

/** Other tabs may show other sessions. */
function withNews(feed: Feed, news: FeedNews, sessionId: string | undefined): Feed {
  switch (news.name) {
    case 'connected':
      return { ...feed, isConnected: news.data };
    case 'view':
      return news.data.sessionId === sessionId ? { ...feed, view: news.data } : feed;
    case 'story':
      return news.data.sessionId === sessionId ? { ...feed, story: withEvent(feed.story, news.data) } : feed;
    default:
      return { ...feed, [news.name]: news.data };
  }
}

/** In order of sequence and without duplicates: a connection starts from the beginning, and a new tab may receive later events first. */
function withEvent(story: readonly StoryEvent[], event: StoryEvent): readonly StoryEvent[] {
  const place = story.findLastIndex(({ sequence }) => sequence <= event.sequence);
  return story[place]?.sequence === event.sequence ? story : story.toSpliced(place + 1, 0, event);
}
