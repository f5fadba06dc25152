import type { FeedEvents } from '../../src/shared/demo-api.ts';
import type { SessionView } from '../../src/shared/session-view.ts';
import type { DemoFixture } from './demo-fixture.ts';

/** Reads the feed of a session until its state matches; rejects if the feed ends before. */
export async function viewWhen(
  demo: Pick<DemoFixture, 'port'>,
  sessionId: string,
  isWanted: (view: SessionView) => boolean,
): Promise<SessionView> {
  for await (const { name, data } of readFeed(demo, sessionId)) {
    if (name === 'view' && isWanted(data as SessionView)) return data as SessionView;
  }
  throw new Error('The feed ended before the session was as wanted.');
}

/** The events of a feed. */
export async function* readFeed(
  demo: Pick<DemoFixture, 'port'>,
  sessionId: string | undefined,
  headers: Record<string, string> = {},
): AsyncGenerator<{ name: keyof FeedEvents; data: unknown; id: string | undefined }> {
  const query = sessionId === undefined ? '' : `?session=${encodeURIComponent(sessionId)}`;
  const aborting = new AbortController();
  const response = await fetch(`http://127.0.0.1:${demo.port}/api/events${query}`, {
    headers,
    signal: aborting.signal,
  });
  let text = '';
  try {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const fields = new Map(
          block.split('\n').map((line): [string, string] => {
            const colon = line.indexOf(':');
            return [line.slice(0, colon), line.slice(colon + 1).trim()];
          }),
        );
        const name = fields.get('event');
        if (name === undefined) continue;
        yield { name: name as keyof FeedEvents, data: JSON.parse(fields.get('data') ?? 'null'), id: fields.get('id') };
      }
    }
  } finally {
    aborting.abort();
  }
}
