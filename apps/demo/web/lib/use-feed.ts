import { useEffect, useState } from 'preact/hooks';
import type { FaultPanelState } from '../../src/shared/demo-api.ts';
import type { AvailabilityView, SessionSummary, SessionView, StoryEvent } from '../../src/shared/session-view.ts';
import { FeedSource } from './feed-source.ts';
import type { FeedNews } from './feed-source.ts';
import { SharedFeed } from './shared-feed.ts';

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

/** Of this tab. Where tabs cannot share (no secure context), it has a connection of its own. */
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

/** Listens to the server; a lost connection is made again by itself, and the story goes on where it stopped. */
export function useFeed(sessionId: string | undefined): Feed {
  const [feed, setFeed] = useState<Feed>(empty);
  useEffect(() => {
    setFeed((before) => ({ ...before, view: undefined, story: [] }));
    return listen(sessionId, (news) => setFeed((before) => withNews(before, news, sessionId)));
  }, [sessionId]);
  return feed;
}

/** Other tabs may look at other sessions. */
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

/** By sequence, each once: a connection begins from the start, and a tab that has just come may hear of later events before. */
function withEvent(story: readonly StoryEvent[], event: StoryEvent): readonly StoryEvent[] {
  const place = story.findLastIndex(({ sequence }) => sequence <= event.sequence);
  return story[place]?.sequence === event.sequence ? story : story.toSpliced(place + 1, 0, event);
}
