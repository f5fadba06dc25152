import { randomUUID } from 'node:crypto';
import {
  createOwner,
  isOwnerProcessAlive,
  type AssetRecord,
  type PublishSection,
  type PublishWrites,
  type SessionEventRecord,
  type SessionRecord,
  type SessionStore,
} from '@holodeck/core/stores';
import { decodeAsset, decodeSession, emptySession, encodeSession, runPublishWork } from '@holodeck/core/stores';
import type { RedisConnection, RedisReply } from '../connection/redis-connection.ts';
import { storageError } from '../connection/redis-errors.ts';
import type { LuaScript } from '../scripts/lua-script.ts';
import {
  appendSessionEvent,
  beginPublish,
  commitPublish,
  compareAndSetSession,
  getSession,
  leavePublish,
  listAssets,
  listEvents,
  listSessions,
} from '../scripts/session-scripts.ts';
import { say } from './store-messages.ts';

type Data = Readonly<Record<string, unknown>>;

/** The shortest and the longest lease of a publish section, in milliseconds. After it another process may enter. */
const leastLeaseMs = 5000;
const longestLeaseMs = 60_000;
/** In between, a lease lasts so many times the duration of the last call. */
const callsPerLease = 10;
/** This share of it must be left when the work begins, so that renames do not act on old data. */
const leastLeft = 0.5;
const pageSize = 500;

type Section = readonly ['section', string, string, readonly string[], string];
type Busy = readonly ['busy', string, string, string];

/**
 * The sessions of a Redis store. A publish section has a short lease with a fencing number: its work runs in this process, and
 * the commit checks that no other process has entered or changed the record meanwhile.
 */
export class RedisSessions implements SessionStore {
  readonly #connection: RedisConnection;
  readonly #base: string;
  readonly #owner = createOwner().id;
  /** The last section of each session in this process; sections of one session run one after the other. */
  readonly #queues = new Map<string, Promise<unknown>>();
  /** How long the last call for a lease took, in milliseconds. */
  #lastCallMs = 0;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
    this.#base = `${connection.prefix}:sessions`;
  }

  async get(sessionId: string): Promise<SessionRecord | undefined> {
    const [record, revision] = (await this.#run(getSession, [sessionId])) as readonly string[];
    return record === undefined ? undefined : decodeSession(record, Number(revision));
  }

  async list(): Promise<readonly SessionRecord[]> {
    const sessions: SessionRecord[] = [];
    for (let first = 0; ; first += pageSize) {
      const page = (await this.#run(listSessions, [first, pageSize])) as readonly string[];
      for (let index = 0; index < page.length; index += 2) {
        sessions.push(decodeSession(page[index] ?? '', Number(page[index + 1])));
      }
      if (page.length < pageSize * 2) return sessions;
    }
  }

  async compareAndSet(revision: number, next: Omit<SessionRecord, 'revision'>): Promise<SessionRecord | undefined> {
    const { sessionId } = next;
    const record = encodeSession(next);
    const writeId = randomUUID();
    const reply = await this.#untilOpen((deadFence) =>
      this.#run(compareAndSetSession, [sessionId, revision, record, writeId, deadFence]),
    );
    return reply === 1 ? decodeSession(record, revision + 1) : undefined;
  }

  async assets(sessionId: string): Promise<readonly AssetRecord[]> {
    return ((await this.#run(listAssets, [sessionId])) as readonly string[]).map(decodeAsset);
  }

  async publish(sessionId: string, work: (section: PublishSection) => PublishWrites): Promise<PublishSection> {
    const before = this.#queues.get(sessionId) ?? Promise.resolve();
    const result = before.then(() => this.#publish(sessionId, work));
    const settled = result
      .catch(() => undefined)
      .then(() => {
        if (this.#queues.get(sessionId) === settled) this.#queues.delete(sessionId);
      });
    this.#queues.set(sessionId, settled);
    return result;
  }

  async appendEvent(sessionId: string, type: string, data: Data): Promise<SessionEventRecord> {
    const text = JSON.stringify(data);
    const args = [sessionId, randomUUID(), JSON.stringify(type), text];
    const [sequence, atMs] = (await this.#run(appendSessionEvent, args)) as readonly string[];
    return { sequence: Number(sequence), atMs: Number(atMs), type, data: JSON.parse(text) as Data };
  }

  async events(sessionId: string, afterSequence = 0): Promise<readonly SessionEventRecord[]> {
    const events: SessionEventRecord[] = [];
    for (let first = afterSequence; ; first += pageSize) {
      const page = (await this.#run(listEvents, [sessionId, first, pageSize])) as readonly string[];
      for (const [index, text] of page.entries()) events.push(decodeEvent(text, first + index + 1));
      if (page.length < pageSize) return events;
    }
  }

  async #publish(sessionId: string, work: (section: PublishSection) => PublishWrites): Promise<PublishSection> {
    const { section, fence } = await this.#enter(sessionId);
    let args: (string | number)[];
    try {
      args = encodeWrites(runPublishWork(section, work));
    } catch (error) {
      await this.#run(leavePublish, [sessionId, fence]).catch(() => undefined);
      throw error;
    }
    const reply = (await this.#run(commitPublish, [sessionId, fence, section.session.revision, ...args])) as
      | Section
      | readonly ['lost'];
    if (reply[0] === 'section') return decodeSection(sessionId, reply);
    throw storageError(say('session-changed', { sessionId }), undefined, true);
  }

  /** Waits until no other process publishes, and takes the lease. */
  async #enter(sessionId: string): Promise<{ readonly section: PublishSection; readonly fence: string }> {
    for (;;) {
      let askedAtMs = 0;
      const leaseMs = Math.min(longestLeaseMs, Math.max(leastLeaseMs, Math.round(callsPerLease * this.#lastCallMs)));
      const call = `${this.#owner}#${randomUUID()}`;
      const reply = (await this.#untilOpen((deadFence) => {
        askedAtMs = performance.now();
        return this.#run(beginPublish, [sessionId, call, leaseMs, deadFence]);
      })) as Section;
      const fence = reply[4];
      this.#lastCallMs = performance.now() - askedAtMs;
      // A process that was suspended must not rename files under an expired lease.
      if (this.#lastCallMs <= leaseMs * (1 - leastLeft)) {
        return { section: decodeSection(sessionId, reply), fence };
      }
      await this.#run(leavePublish, [sessionId, fence]);
    }
  }

  /** Repeats a call while another process publishes, but does not wait for a dead process of this host. */
  async #untilOpen(call: (deadFence: string) => Promise<RedisReply>): Promise<RedisReply> {
    let deadFence = '';
    for (;;) {
      const reply = await call(deadFence);
      if (!isBusy(reply)) return reply;
      const [, leftMs, fence, owner] = reply;
      if (isOwnerProcessAlive(owner.split('#')[0] ?? '') === false) {
        deadFence = fence;
        continue;
      }
      const waitMs = Math.min(Number(leftMs), 1 + Math.random() * 4);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  async #run(script: LuaScript, args: readonly (string | number)[]): Promise<RedisReply> {
    return this.#connection.run(script, [this.#base], args);
  }
}

function isBusy(reply: RedisReply): reply is Busy {
  return Array.isArray(reply) && reply[0] === 'busy';
}

/** The last arguments of a commit. A value that is not JSON throws before anything is written. */
function encodeWrites({ session, assets = [], events = [] }: PublishWrites): (string | number)[] {
  return [
    randomUUID(),
    session === undefined ? '' : encodeSession(session),
    assets.length,
    ...assets.flatMap((asset) => [asset.assetId, JSON.stringify(asset)]),
    ...events.flatMap(({ type, data }) => [JSON.stringify(type), JSON.stringify(data)]),
  ];
}

function decodeSection(sessionId: string, [, record, revision, assets]: Section): PublishSection {
  return {
    session: record === '' ? emptySession(sessionId) : decodeSession(record, Number(revision)),
    assets: assets.map(decodeAsset),
  };
}

/** `<time> <type as JSON>\n<data as JSON>`; JSON text has no line break. */
function decodeEvent(text: string, sequence: number): SessionEventRecord {
  const space = text.indexOf(' ');
  const lineBreak = text.indexOf('\n');
  return {
    sequence,
    atMs: Number(text.slice(0, space)),
    type: JSON.parse(text.slice(space + 1, lineBreak)) as string,
    data: JSON.parse(text.slice(lineBreak + 1)) as Data,
  };
}
