import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { ImageError } from '@holodeck/core';
import type { JobContext, JobHandle } from '@holodeck/core/backend';
import { unsent } from './batch-api.ts';
import type { BatchApi, BatchEndpoint } from './batch-api.ts';

/** A request that waits for its batch. */
export interface BatchEntry {
  readonly endpoint: BatchEndpoint;
  /** One line of the input file, without its end. */
  readonly line: string;
  readonly context: JobContext;
}

interface Member extends BatchEntry {
  readonly answer: PromiseWithResolvers<JobHandle>;
  /** Listens to the context's signal until the group is sent. */
  readonly leave: () => void;
}

interface Group {
  readonly endpoint: BatchEndpoint;
  readonly members: Set<Member>;
  readonly sinceMs: number;
  bytes: number;
  timer: NodeJS.Timeout | undefined;
}

export interface BatchGroupsOptions {
  readonly api: BatchApi;
  /** A group is sent when nothing has joined it for so long, in milliseconds. */
  readonly gatherMs: number;
  /** The handle of an attempt: of the group before it is sent, of the batch after. */
  readonly handleOf: (key: string, group: string, batch?: string) => JobHandle;
  /** A batch with so many lines exists. */
  readonly onCreated: (batch: string, lines: number) => void;
  /** Aborted when the backend closes. */
  readonly closing: AbortSignal;
}

/** https://platform.openai.com/docs/guides/batch: at most 50,000 requests and 200 MB; the rest of the file is ours to spare. */
const mostLines = 50_000;
export const mostBytes = 190_000_000;
/** Rows that are written at once: each takes memory meanwhile. */
const mostAtOnce = 250;
/** A group that grows all the time is sent after so many times `gatherMs`. */
const mostWaits = 10;

/** The name of a group's input file. */
export function inputName(group: string): string {
  return `${group}.jsonl`;
}

/**
 * Gathers submissions into batches. Every row with the group's name is on disk before anything leaves; then the file is
 * uploaded, and the batch is created, once.
 */
export class BatchGroups {
  readonly #options: BatchGroupsOptions;
  readonly #open = new Map<BatchEndpoint, Group>();
  readonly #sending = new Set<Promise<void>>();
  #mostLines = mostLines;

  constructor(options: BatchGroupsOptions) {
    this.#options = options;
  }

  /** Resolves when the batch with this request exists: a promise of its own, because thousands wait. @throws {ImageError} */
  add(entry: BatchEntry): Promise<JobHandle> {
    const { signal } = entry.context;
    const group = this.#groupFor(entry);
    const leave = (): void => {
      if (!group.members.delete(member)) return;
      group.bytes -= bytesOf(entry.line);
      member.answer.reject(unsent(signal.reason));
    };
    const member: Member = { ...entry, answer: Promise.withResolvers(), leave };
    group.members.add(member);
    group.bytes += bytesOf(entry.line);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    this.#startTimer(group);
    return member.answer.promise;
  }

  /** The account has too much waiting: later groups have at most half as many lines. */
  shrink(lines: number): void {
    this.#mostLines = Math.max(1, Math.min(this.#mostLines, Math.ceil(lines / 2)));
  }

  /** Refuses what waits, and waits for what is being sent. */
  async close(): Promise<void> {
    for (const group of this.#open.values()) {
      clearTimeout(group.timer);
      for (const { answer, context, leave } of group.members) {
        context.signal.removeEventListener('abort', leave);
        answer.reject(unsent(undefined));
      }
    }
    this.#open.clear();
    await Promise.allSettled(this.#sending);
  }

  #groupFor({ endpoint, line }: BatchEntry): Group {
    const open = this.#open.get(endpoint);
    if (open !== undefined) {
      if (open.members.size < this.#mostLines && open.bytes + bytesOf(line) <= mostBytes) return open;
      this.#send(open);
    }
    const group = { endpoint, members: new Set<Member>(), sinceMs: Date.now(), bytes: 0, timer: undefined };
    this.#open.set(endpoint, group);
    return group;
  }

  #startTimer(group: Group): void {
    clearTimeout(group.timer);
    const { gatherMs } = this.#options;
    const left = group.sinceMs + gatherMs * mostWaits - Date.now();
    group.timer = setTimeout(() => this.#send(group), Math.max(0, Math.min(gatherMs, left)));
  }

  #send(group: Group): void {
    clearTimeout(group.timer);
    this.#open.delete(group.endpoint);
    for (const { context, leave } of group.members) context.signal.removeEventListener('abort', leave);
    const sending = this.#submit(group).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  async #submit({ endpoint, members }: Group): Promise<void> {
    const { handleOf, onCreated, closing } = this.#options;
    const name = `holodeck-${randomUUID()}`;
    const ready: Member[] = [];
    const write = async (member: Member): Promise<void> => {
      const { context, answer } = member;
      try {
        await context.beforeSend?.(handleOf(context.key, name));
        ready.push(member);
      } catch (error) {
        answer.reject(error);
      }
    };
    const all = [...members];
    for (let at = 0; at < all.length; at += mostAtOnce) {
      await Promise.all(all.slice(at, at + mostAtOnce).map(write));
    }
    if (ready.length === 0) return;
    const stop = new AbortController();
    // The others still want it.
    const stopIfAlone = (): void => {
      if (closing.aborted || ready.every(({ context }) => context.signal.aborted)) {
        stop.abort(closing.aborted ? closing.reason : ready[0]?.context.signal.reason);
      }
    };
    const signals = [closing, ...ready.map(({ context }) => context.signal)];
    for (const signal of signals) signal.addEventListener('abort', stopIfAlone);
    stopIfAlone();
    try {
      const batch = await this.#create(name, endpoint, ready, stop.signal);
      onCreated(batch, ready.length);
      for (const [at, { context, answer }] of ready.entries()) {
        answer.resolve(handleOf(context.key, name, batch));
        if ((at + 1) % mostAtOnce === 0) await setImmediate();
      }
    } catch (error) {
      for (const { answer } of ready) answer.reject(error);
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', stopIfAlone);
    }
  }

  async #create(
    name: string,
    endpoint: BatchEndpoint,
    members: readonly Member[],
    signal: AbortSignal,
  ): Promise<string> {
    const { api } = this.#options;
    const startedAtMs = Date.now();
    const input = new File(
      members.map(({ line }) => `${line}\n`),
      inputName(name),
    );
    const fileId = await api.upload(input, 'batch', signal).catch(async (error: unknown) => {
      // The answer may be lost, and not the file.
      const found = await api.findInput(input.name, startedAtMs, signal).catch(() => undefined);
      if (found === undefined) throw error;
      return found;
    });
    if (signal.aborted) throw unsent(signal.reason);
    try {
      return await api.create(fileId, endpoint, name, signal);
    } catch (error) {
      // It holds prompts, and nothing needs it: what was refused is gathered again.
      if (ImageError.isInstance(error) && error.outcome !== 'unknown') await api.remove(fileId, signal);
      throw error;
    }
  }
}

function bytesOf(line: string): number {
  return Buffer.byteLength(line) + 1;
}
