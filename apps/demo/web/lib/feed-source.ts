import type { FeedEvents } from '../../src/shared/demo-api.ts';

/** One event of the server, or whether the server is reachable. */
export type FeedNews =
  | { [Name in keyof FeedEvents]: { readonly name: Name; readonly data: FeedEvents[Name] } }[keyof FeedEvents]
  | { readonly name: 'connected'; readonly data: boolean };

const eventNames = ['availability', 'faults', 'sessions', 'view', 'story'] as const;
/** The browser gives up after a refused connection, so another is opened after this time. */
const retryMs = 1500;

/** One connection for the events of some sessions. Reconnects automatically until it is closed. */
export class FeedSource {
  readonly #url: string;
  readonly #tell: (news: FeedNews) => void;
  #source: EventSource | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** @param isShared Whether several tabs use it: then a wrong request of one tab is ignored. */
  constructor(sessionIds: readonly string[], isShared: boolean, tell: (news: FeedNews) => void) {
    const query = sessionIds.map((id) => ['session', id]);
    this.#url = `/api/events?${new URLSearchParams(isShared ? [...query, ['shared', '1']] : query).toString()}`;
    this.#tell = tell;
    this.#connect();
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
  }

  #connect(): void {
    const source = new EventSource(this.#url);
    this.#source = source;
    source.onopen = () => this.#tell({ name: 'connected', data: true });
    source.onerror = () => {
      this.#tell({ name: 'connected', data: false });
      if (source.readyState === EventSource.CLOSED) this.#retry = setTimeout(() => this.#connect(), retryMs);
    };
    for (const name of eventNames) {
      source.addEventListener(name, (event) =>
        this.#tell({ name, data: JSON.parse((event as MessageEvent<string>).data) } as FeedNews),
      );
    }
  }
}
