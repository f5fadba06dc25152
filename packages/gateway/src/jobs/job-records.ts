import type { SessionRecord, Store } from '@holodeck/core/stores';
import { isFinal } from './job-record.ts';
import type { JobRecord } from './job-record.ts';

/** No session id has a colon, so jobs and sessions share a store without meeting. */
const prefix = 'job:';
const scenePrefix = 'scene:';
/** Earlier jobs of a session are found by id only. */
const maxJobsOfScene = 20;

/**
 * The jobs of a store. A record is written before its job begins, so that any process over the same store finds it, and every
 * change is a compare-and-set.
 */
export class JobRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async get(id: string): Promise<JobRecord | undefined> {
    const stored = await this.#store.sessions.get(`${prefix}${id}`);
    return stored === undefined ? undefined : recordOf(stored);
  }

  /** Resolves with the record that is stored: the given one, or one that was there before. */
  async create(record: JobRecord): Promise<{ readonly record: JobRecord; readonly isNew: boolean }> {
    const stored = await this.#store.sessions.compareAndSet(0, rowOf(record));
    if (stored !== undefined) return { record, isNew: true };
    return { record: (await this.get(record.id)) ?? record, isNew: false };
  }

  /**
   * Changes a record; `change` returns undefined to leave it. Resolves with the record as it is afterwards, or undefined if
   * there is none.
   */
  async update(id: string, change: (record: JobRecord) => JobRecord | undefined): Promise<JobRecord | undefined> {
    for (;;) {
      const stored = await this.#store.sessions.get(`${prefix}${id}`);
      if (stored === undefined) return undefined;
      const record = recordOf(stored);
      const next = change(record);
      if (next === undefined) return record;
      if ((await this.#store.sessions.compareAndSet(stored.revision, rowOf(next))) !== undefined) return next;
    }
  }

  /** All jobs, or those of one key; the latest first. */
  async list(key?: string): Promise<readonly JobRecord[]> {
    const stored = await this.#store.sessions.list();
    return stored
      .filter(({ sessionId }) => sessionId.startsWith(prefix))
      .map(recordOf)
      .filter((record) => key === undefined || record.key === key)
      .sort((a, b) => b.createdAtMs - a.createdAtMs);
  }

  /** Notes that a job was started for a session. */
  async link(sessionId: string, id: string): Promise<void> {
    for (;;) {
      const stored = await this.#store.sessions.get(`${scenePrefix}${sessionId}`);
      const jobs = idsOf(stored);
      if (jobs.includes(id)) return;
      const data = { jobs: [...jobs, id].slice(-maxJobsOfScene) };
      const row = { sessionId: `${scenePrefix}${sessionId}`, state: 'free', epoch: 0, data } as const;
      if ((await this.#store.sessions.compareAndSet(stored?.revision ?? 0, row)) !== undefined) return;
    }
  }

  /** The jobs of a session, the latest last. */
  async linked(sessionId: string): Promise<readonly string[]> {
    return idsOf(await this.#store.sessions.get(`${scenePrefix}${sessionId}`));
  }

  /** Whether no live process works on an open job. */
  async isAbandoned(record: JobRecord): Promise<boolean> {
    if (isFinal(record)) return false;
    return record.owner === undefined || !(await this.#store.isOwnerAlive(record.owner));
  }
}

function idsOf(stored: SessionRecord | undefined): readonly string[] {
  return (stored?.data['jobs'] ?? []) as readonly string[];
}

function recordOf({ data }: Pick<SessionRecord, 'data'>): JobRecord {
  return data as unknown as JobRecord;
}

function rowOf(record: JobRecord): Omit<SessionRecord, 'revision'> {
  return {
    sessionId: `${prefix}${record.id}`,
    state: 'free',
    epoch: 0,
    data: record as unknown as Readonly<Record<string, unknown>>,
  };
}
