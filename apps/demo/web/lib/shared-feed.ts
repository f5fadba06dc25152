import { limits } from '../../src/shared/demo-api.ts';
import { FeedSource } from './feed-source.ts';
import type { FeedNews } from './feed-source.ts';

/** The messages between the tabs of one browser. */
type Message =
  /** A tab requests the events of a session, or of none. */
  | { readonly type: 'want'; readonly tab: string; readonly sessionId: string | undefined }
  /** A new leader asks all tabs for their requests. */
  | { readonly type: 'who' }
  | { readonly type: 'news'; readonly news: FeedNews };

/** The lock of the leading tab, and the locks by which it notices closed tabs. */
const leaderLock = 'holodeck-feed';
const tabLock = (tab: string): string => `${leaderLock}-${tab}`;
/** Requests within this time share one connection. Milliseconds. */
const gatherMs = 30;

/**
 * The feed of all tabs of one browser over one connection: a browser opens only six HTTP/1.1 connections to a server, so tabs with one
 * each would soon wait for ever. The tab that holds a Web Lock leads and forwards events; when it closes, another takes over.
 */
export class SharedFeed {
  readonly #channel = new BroadcastChannel(leaderLock);
  readonly #tab = crypto.randomUUID();
  readonly #tell: (news: FeedNews) => void;
  #sessionId: string | undefined;
  /** The requests of each tab, if this tab leads. */
  #wishes: Map<string, string | undefined> | undefined;
  #source: FeedSource | undefined;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #isAlone = false;

  constructor(tell: (news: FeedNews) => void) {
    this.#tell = tell;
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data);
    const goAlone = (): void => this.#goAlone();
    navigator.locks
      .request(tabLock(this.#tab), async () => {
        this.#ask();
        navigator.locks.request(leaderLock, async () => this.#lead()).catch(goAlone);
        return forever;
      })
      .catch(goAlone);
  }

  /** Requests the events of another session; the whole state is sent again. */
  want(sessionId: string | undefined): void {
    this.#sessionId = sessionId;
    this.#ask();
  }

  #ask(): void {
    if (this.#wishes === undefined) this.#post({ type: 'want', tab: this.#tab, sessionId: this.#sessionId });
    else this.#note(this.#tab, this.#sessionId);
  }

  #hear(message: Message): void {
    if (message.type === 'news') this.#tell(message.news);
    else if (message.type === 'who') this.#ask();
    else if (this.#wishes !== undefined) this.#note(message.tab, message.sessionId);
  }

  #lead(): Promise<never> {
    this.#wishes = new Map();
    this.#ask();
    this.#post({ type: 'who' });
    return forever;
  }

  /** If the browser refuses locks (settings, a sandbox), the page has its own connection. */
  #goAlone(): void {
    this.#isAlone = true;
    this.#channel.close();
    this.#wishes = new Map();
    this.#ask();
  }

  #note(tab: string, sessionId: string | undefined): void {
    const wishes = this.#wishes;
    if (wishes === undefined) return;
    const isNew = !wishes.has(tab);
    wishes.set(tab, sessionId);
    this.#connectSoon();
    if (!isNew || tab === this.#tab) return;
    // The lock becomes free when that tab closes, for whatever reason.
    void navigator.locks.request(tabLock(tab), () => {
      wishes.delete(tab);
      this.#connectSoon();
    });
  }

  /** A connection begins with the whole state, so that a new tab gets it too. */
  #connectSoon(): void {
    clearTimeout(this.#gathering);
    this.#gathering = setTimeout(() => {
      const ids = new Set(this.#wishes?.values());
      this.#source?.close();
      this.#source = new FeedSource([...ids].filter((id) => id !== undefined).slice(-limits.watched), true, (news) => {
        this.#tell(news);
        this.#post({ type: 'news', news });
      });
    }, gatherMs);
  }

  #post(message: Message): void {
    if (this.#isAlone) return;
    // A channel reaches only its own origin and takes no other argument.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    this.#channel.postMessage(message);
  }
}

const forever = new Promise<never>(() => undefined);
