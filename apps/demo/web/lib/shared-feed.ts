import { limits } from '../../src/shared/demo-api.ts';
import { FeedSource } from './feed-source.ts';
import type { FeedNews } from './feed-source.ts';

/** What the tabs of one browser say to each other. */
type Message =
  /** A tab wants to hear of a session, or of none. */
  | { readonly type: 'want'; readonly tab: string; readonly sessionId: string | undefined }
  /** A new leader asks who is there. */
  | { readonly type: 'who' }
  | { readonly type: 'news'; readonly news: FeedNews };

/** The lock of the tab that leads, and those by which it learns that another tab is gone. */
const leaderLock = 'holodeck-feed';
const tabLock = (tab: string): string => `${leaderLock}-${tab}`;
/** Wishes that come together lead to one connection. Milliseconds. */
const gatherMs = 30;

/**
 * The feed of all tabs of one browser over a single connection: of HTTP/1.1 a browser has six to a server, and tabs with one each
 * would soon wait for ever. One tab leads (a Web Lock says which) and passes on what it hears; when it goes, another one takes over.
 */
export class SharedFeed {
  readonly #channel = new BroadcastChannel(leaderLock);
  readonly #tab = crypto.randomUUID();
  readonly #tell: (news: FeedNews) => void;
  #sessionId: string | undefined;
  /** Of a leader: what each tab wants. */
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

  /** Asks for the news of another session; the state of everything is told again. */
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

  /** A page to which the browser refuses locks (settings, a sandbox) has a connection of its own. */
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
    // It is had when that tab has gone, however it went.
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
    // A channel reaches its own origin alone, and takes no other argument.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    this.#channel.postMessage(message);
  }
}

const forever = new Promise<never>(() => undefined);
