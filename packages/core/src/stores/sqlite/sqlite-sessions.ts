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
import type { SqliteDatabase } from './sqlite-database.ts';

type Data = Readonly<Record<string, unknown>>;

/** The sessions of a SQLite store. Lock changes and publish sections reach the disk before they resolve. */
export class SqliteSessions implements SessionStore {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async get(sessionId: string): Promise<SessionRecord | undefined> {
    return this.#database.read(() => this.#readSession(sessionId));
  }

  async list(): Promise<readonly SessionRecord[]> {
    const rows = await this.#database.read(() =>
      this.#database.all('SELECT record, revision FROM sessions ORDER BY number'),
    );
    return rows.map((row) => decodeSession(String(row['record']), Number(row['revision'])));
  }

  async compareAndSet(revision: number, next: Omit<SessionRecord, 'revision'>): Promise<SessionRecord | undefined> {
    const written = await this.#database.write(() => this.#writeSession(revision, next), { durable: true });
    return written ? decodeSession(encodeSession(next), revision + 1) : undefined;
  }

  async assets(sessionId: string): Promise<readonly AssetRecord[]> {
    return this.#database.read(() => this.#readAssets(sessionId));
  }

  async publish(sessionId: string, work: (section: PublishSection) => PublishWrites): Promise<PublishSection> {
    return this.#database.write(
      () => {
        const session = this.#readSession(sessionId) ?? emptySession(sessionId);
        const writes = runPublishWork({ session, assets: this.#readAssets(sessionId) }, work);
        if (writes.session !== undefined) this.#writeSession(session.revision, writes.session);
        for (const asset of writes.assets ?? []) this.#writeAsset(asset);
        for (const event of writes.events ?? []) this.#writeEvent(sessionId, event.type, event.data);
        return {
          session: this.#readSession(sessionId) ?? emptySession(sessionId),
          assets: this.#readAssets(sessionId),
        };
      },
      { durable: true },
    );
  }

  async appendEvent(sessionId: string, type: string, data: Data): Promise<SessionEventRecord> {
    return this.#database.write(() => this.#writeEvent(sessionId, type, data));
  }

  async events(sessionId: string, afterSequence = 0): Promise<readonly SessionEventRecord[]> {
    const rows = await this.#database.read(() =>
      this.#database.all(
        'SELECT sequence, atMs, type, data FROM events WHERE sessionId = ? AND sequence > ? ORDER BY sequence',
        sessionId,
        afterSequence,
      ),
    );
    return rows.map((row) => ({
      sequence: Number(row['sequence']),
      atMs: Number(row['atMs']),
      type: String(row['type']),
      data: JSON.parse(String(row['data'])) as Data,
    }));
  }

  #readSession(sessionId: string): SessionRecord | undefined {
    const row = this.#database.first('SELECT record, revision FROM sessions WHERE sessionId = ?', sessionId);
    return row === undefined ? undefined : decodeSession(String(row['record']), Number(row['revision']));
  }

  #readAssets(sessionId: string): AssetRecord[] {
    return this.#database
      .all('SELECT record FROM assets WHERE sessionId = ? ORDER BY number', sessionId)
      .map((row) => decodeAsset(String(row['record'])));
  }

  #writeSession(revision: number, next: Omit<SessionRecord, 'revision'>): boolean {
    const record = encodeSession(next);
    const changed =
      revision === 0
        ? this.#database.run(
            'INSERT INTO sessions (sessionId, revision, record) VALUES (?, 1, ?) ON CONFLICT DO NOTHING',
            next.sessionId,
            record,
          )
        : this.#database.run(
            'UPDATE sessions SET record = ?, revision = revision + 1 WHERE sessionId = ? AND revision = ?',
            record,
            next.sessionId,
            revision,
          );
    return changed === 1;
  }

  #writeAsset(asset: AssetRecord): void {
    this.#database.run(
      `INSERT INTO assets (sessionId, assetId, record) VALUES (?, ?, ?)
        ON CONFLICT (sessionId, assetId) DO UPDATE SET record = excluded.record`,
      asset.sessionId,
      asset.assetId,
      JSON.stringify(asset),
    );
  }

  #writeEvent(sessionId: string, type: string, data: Data): SessionEventRecord {
    const atMs = this.#clock.now();
    const text = JSON.stringify(data);
    // No numbered parameters: node:sqlite of the oldest supported Node does not bind them by position.
    const row = this.#database.first(
      `INSERT INTO events (sessionId, sequence, atMs, type, data)
        SELECT ?, coalesce(max(sequence), 0) + 1, ?, ?, ? FROM events WHERE sessionId = ? RETURNING sequence`,
      sessionId,
      atMs,
      type,
      text,
      sessionId,
    );
    return { sequence: Number(row?.['sequence']), atMs, type, data: JSON.parse(text) as Data };
  }
}
