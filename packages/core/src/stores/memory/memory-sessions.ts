import type { Clock } from '../../internal/clock.ts';
import { decodeAsset, decodeSession, emptySession, encodeSession, runPublishWork } from '../session-codec.ts';
import type {
  AssetRecord,
  PublishSection,
  PublishWrites,
  SessionEventRecord,
  SessionRecord,
  SessionStore,
} from '../session-store.ts';

type Data = Readonly<Record<string, unknown>>;

interface EncodedSession {
  readonly record: string;
  readonly revision: number;
}

interface EncodedEvent {
  readonly atMs: number;
  readonly type: string;
  readonly data: string;
}

/** Keeps records as JSON text, so that a caller that changes an object later cannot reach them. */
export class MemorySessions implements SessionStore {
  readonly #clock: Clock;
  readonly #sessions = new Map<string, EncodedSession>();
  readonly #assets = new Map<string, Map<string, string>>();
  readonly #events = new Map<string, EncodedEvent[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(sessionId: string): Promise<SessionRecord | undefined> {
    return this.#get(sessionId);
  }

  async list(): Promise<readonly SessionRecord[]> {
    return [...this.#sessions.values()].map(({ record, revision }) => decodeSession(record, revision));
  }

  async compareAndSet(revision: number, next: Omit<SessionRecord, 'revision'>): Promise<SessionRecord | undefined> {
    if ((this.#sessions.get(next.sessionId)?.revision ?? 0) !== revision) return undefined;
    this.#sessions.set(next.sessionId, { record: encodeSession(next), revision: revision + 1 });
    return this.#get(next.sessionId);
  }

  async assets(sessionId: string): Promise<readonly AssetRecord[]> {
    return this.#getAssets(sessionId);
  }

  async publish(sessionId: string, work: (section: PublishSection) => PublishWrites): Promise<PublishSection> {
    const session = this.#get(sessionId) ?? emptySession(sessionId);
    const writes = runPublishWork({ session, assets: this.#getAssets(sessionId) }, work);
    // Encode everything before storing anything: a value that cannot be JSON throws here.
    const record = writes.session === undefined ? undefined : encodeSession(writes.session);
    const assets = (writes.assets ?? []).map((asset) => [asset.assetId, JSON.stringify(asset)] as const);
    const events = (writes.events ?? []).map((event) => this.#encodeEvent(event.type, event.data));
    if (record !== undefined) this.#sessions.set(sessionId, { record, revision: session.revision + 1 });
    if (assets.length > 0) this.#assets.set(sessionId, new Map([...(this.#assets.get(sessionId) ?? []), ...assets]));
    for (const event of events) this.#addEvent(sessionId, event);
    return { session: this.#get(sessionId) ?? session, assets: this.#getAssets(sessionId) };
  }

  async appendEvent(sessionId: string, type: string, data: Data): Promise<SessionEventRecord> {
    return this.#addEvent(sessionId, this.#encodeEvent(type, data));
  }

  async events(sessionId: string, afterSequence = 0): Promise<readonly SessionEventRecord[]> {
    const events = this.#events.get(sessionId) ?? [];
    return events.slice(afterSequence).map((event, index) => decodeEvent(event, afterSequence + index + 1));
  }

  #get(sessionId: string): SessionRecord | undefined {
    const stored = this.#sessions.get(sessionId);
    return stored === undefined ? undefined : decodeSession(stored.record, stored.revision);
  }

  #getAssets(sessionId: string): AssetRecord[] {
    return [...(this.#assets.get(sessionId)?.values() ?? [])].map(decodeAsset);
  }

  #encodeEvent(type: string, data: Data): EncodedEvent {
    return { atMs: this.#clock.now(), type, data: JSON.stringify(data) };
  }

  #addEvent(sessionId: string, event: EncodedEvent): SessionEventRecord {
    const events = this.#events.get(sessionId) ?? [];
    this.#events.set(sessionId, events);
    return decodeEvent(event, events.push(event));
  }
}

function decodeEvent({ atMs, type, data }: EncodedEvent, sequence: number): SessionEventRecord {
  return { sequence, atMs, type, data: JSON.parse(data) as Data };
}
