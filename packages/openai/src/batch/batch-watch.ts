import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError } from '@holodeck/core';
import { isRecord } from '@holodeck/core/backend';
import type { BackendResult, FetchLike, JobContext } from '@holodeck/core/backend';
import { readItems } from '../answer/answer-decoder.ts';
import { ImageWriter, sinkError } from '../answer/image-writer.ts';
import { OpenAICollection } from '../openai-collection.ts';
import type { ResolvedOpenAIOptions } from '../openai-options.ts';
import { secretsOf } from '../openai-submission.ts';
import { safeText } from '../wire/safe-text.ts';
import type { BatchApi } from './batch-api.ts';
import { BatchLineReader } from './batch-line-reader.ts';
import type { ReadLine } from './batch-line-reader.ts';
import { say } from './batch-messages.ts';
import { isFullQueue, lineError, refusedBatch, unansweredLine } from './batch-outcomes.ts';
import { countsOf, hasEnded } from './batch-wire.ts';
import type { WireBatch } from './batch-wire.ts';

interface Waiter {
  readonly context: JobContext;
  readonly resolve: (result: BackendResult) => void;
  readonly reject: (error: unknown) => void;
  /** Listens to the context's signal. */
  readonly leave: () => void;
  /** Whether it waited when the files began to be read: then they have its line, or nothing has. */
  expected: boolean;
}

export interface BatchWatchOptions {
  readonly api: BatchApi;
  readonly options: ResolvedOpenAIOptions;
  /** The connections for addresses that an answer may name instead of images. */
  readonly fetch: () => Promise<FetchLike>;
  /** The batch was refused because too much is waiting. */
  readonly onFullQueue: () => void;
}

/** Between two looks, in milliseconds: at first, at most, and the growth. A batch takes minutes to hours. */
const firstWaitMs = 2000;
const longestWaitMs = 60_000;
const growth = 1.5;
/** A resumed batch gathers its tasks: its files are read when no task has joined for so long, in milliseconds. */
const joinMs = 50;
const mostJoins = 40;

/** One batch and the tasks of this process that wait for it: one question for all, and one reading of its files. */
export class BatchWatch {
  readonly #batchId: string;
  readonly #parts: BatchWatchOptions;
  readonly #waiters = new Map<string, Waiter>();
  /** Names of lines, by file, that an earlier reading found too late. */
  readonly #names = new Map<string, Map<number, string>>();
  #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(batchId: string, parts: BatchWatchOptions) {
    this.#batchId = batchId;
    this.#parts = parts;
  }

  /** Waits for the line of that name. @throws {ImageError} */
  collect(customId: string, context: JobContext): Promise<BackendResult> {
    const { signal } = context;
    if (signal.aborted) return Promise.reject(aborted(signal.reason));
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#settle(customId, () => aborted(signal.reason));
        if (this.#waiters.size === 0) this.#stop.abort(new Error('Nobody waits for the batch.'));
      };
      this.#waiters.set(customId, { context, resolve, reject, leave, expected: false });
      signal.addEventListener('abort', leave, { once: true });
      this.#start();
    });
  }

  #start(): void {
    if (this.#running !== undefined) return;
    this.#stop = new AbortController();
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#waiters.size > 0) this.#start();
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    try {
      for (let waitMs = firstWaitMs; this.#waiters.size > 0; waitMs = Math.min(longestWaitMs, waitMs * growth)) {
        const { batch, pollAfterMs } = await this.#parts.api.look(this.#batchId, signal);
        if (hasEnded(batch)) await this.#finish(batch, signal);
        else {
          this.#report(batch);
          await sleep(pollAfterMs ?? waitMs, undefined, { signal });
        }
      }
    } catch (error) {
      // All have left; who came since then starts over.
      if (signal.aborted) return;
      const failure = this.#parts.api.broken(error, 'accepted', signal);
      for (const customId of this.#waiters.keys()) this.#settle(customId, () => failure);
    }
  }

  #report(batch: WireBatch): void {
    const { done, total } = countsOf(batch);
    const begun = batch.status !== 'validating' && total > 0;
    for (const { context } of this.#waiters.values()) {
      if (begun) context.onProgress?.({ type: 'running', fraction: done / total, note: `${done}/${total}` });
      else context.onProgress?.({ type: 'queued' });
    }
  }

  async #finish(batch: WireBatch, signal: AbortSignal): Promise<void> {
    for (let joins = 0, before = -1; joins < mostJoins && this.#waiters.size !== before; joins += 1) {
      before = this.#waiters.size;
      await sleep(joinMs, undefined, { signal });
    }
    for (const { context } of this.#waiters.values()) context.onEnded?.();
    const { api, options, onFullQueue } = this.#parts;
    // Nothing needs it any more: a lost answer is found by the name that the batch has.
    if (typeof batch.input_file_id === 'string') await api.remove(batch.input_file_id, signal);
    // A mark, not a list: that would keep what all tasks hold until the last one is done.
    for (const waiter of this.#waiters.values()) waiter.expected = true;
    let missing = (): ImageError => unansweredLine(this.#batchId, batch, options);
    if (batch.status === 'failed') {
      missing = () => refusedBatch(this.#batchId, batch, options);
      if (isFullQueue(missing())) onFullQueue();
    } else {
      for (const fileId of [batch.output_file_id, batch.error_file_id]) {
        if (typeof fileId !== 'string' || this.#waiters.size === 0) continue;
        // The lines may be in the part that did not come.
        if (!(await this.#read(fileId, signal))) missing = () => api.strange('accepted');
      }
    }
    for (const [customId, { expected }] of this.#waiters) {
      if (expected) this.#settle(customId, missing);
    }
  }

  /** @returns False if what came is not the whole file. */
  async #read(fileId: string, signal: AbortSignal): Promise<boolean> {
    const names = this.#names.get(fileId) ?? new Map<number, string>();
    this.#names.set(fileId, names);
    for (;;) {
      let again = false;
      const writers = new Map<string, ImageWriter>();
      const reader = new BatchLineReader(
        {
          writerFor: (customId) => {
            const waiter = this.#waiters.get(customId);
            if (waiter === undefined) return undefined;
            const writer = writers.get(customId) ?? writerOf(waiter.context);
            writers.set(customId, writer);
            return writer;
          },
          line: async (customId, line) => {
            writers.delete(customId);
            await this.#deliver(customId, line);
          },
          failed: (customId, error) => this.#settle(customId, () => sinkError(error)),
          unread: (lineNumber, customId) => {
            if (!this.#waiters.has(customId)) return;
            names.set(lineNumber, customId);
            again = true;
          },
        },
        names,
      );
      await this.#pour(fileId, reader, signal);
      if (reader.isStrange || !again) return !reader.isStrange;
    }
  }

  async #pour(fileId: string, reader: BatchLineReader, signal: AbortSignal): Promise<void> {
    const { api } = this.#parts;
    try {
      const content = await api.content(fileId, signal);
      try {
        for await (const chunk of content as AsyncIterable<Uint8Array>) {
          await reader.write(chunk);
          if (this.#waiters.size === 0) break;
        }
        await reader.end();
      } finally {
        content.destroy();
      }
    } catch (error) {
      await reader.discard();
      throw api.broken(error, 'accepted', signal);
    }
  }

  async #deliver(customId: string, line: ReadLine): Promise<void> {
    const waiter = this.#waiters.get(customId);
    if (waiter === undefined) return line.writer?.discard();
    const { writer = writerOf(waiter.context) } = line;
    try {
      const result = await this.#result(line, writer, waiter.context);
      if (this.#take(customId, waiter)) waiter.resolve(result);
    } catch (error) {
      await writer.discard();
      if (this.#take(customId, waiter)) waiter.reject(error);
    }
  }

  async #result({ value, characters }: ReadLine, writer: ImageWriter, context: JobContext): Promise<BackendResult> {
    const { options, fetch } = this.#parts;
    const { response } = value;
    const { status_code: status, request_id: id, body } = isRecord(response) ? response : {};
    if (!(Number(status) >= 200 && Number(status) < 300)) throw lineError(this.#batchId, value, options);
    const answered = isRecord(body) ? body : {};
    const { usage } = answered;
    const secrets = secretsOf(options);
    const requestId = typeof id === 'string' ? { requestId: safeText(id, secrets, 200) } : {};
    const job = { host: options.baseURL.host, secrets, at: 'collect', ...requestId } as const;
    const answer = {
      form: 'json',
      complete: true,
      items: readItems(answered, characters, 0),
      excerpt: '{}',
      ...(answered['error'] ? { error: answered['error'] } : {}),
      ...(isRecord(usage) ? { usage } : {}),
    } as const;
    return await new OpenAICollection(options, context, job, fetch).finish(answer, writer);
  }

  /** Ends the wait for a line with an error, if somebody still waits for it. */
  #settle(customId: string, error: () => unknown): void {
    const waiter = this.#waiters.get(customId);
    if (waiter !== undefined && this.#take(customId, waiter)) waiter.reject(error());
  }

  /** Ends a wait. @returns False if it has ended already. */
  #take(customId: string, waiter: Waiter): boolean {
    if (this.#waiters.get(customId) !== waiter) return false;
    this.#waiters.delete(customId);
    waiter.context.signal.removeEventListener('abort', waiter.leave);
    return true;
  }
}

function writerOf({ openImage, imageCount = Number.POSITIVE_INFINITY }: JobContext): ImageWriter {
  return new ImageWriter((index) => openImage(index), imageCount);
}

function aborted(cause: unknown): ImageError {
  const kind = ImageError.isInstance(cause) && cause.kind === 'timeout' ? 'timeout' : 'aborted';
  return new ImageError({ kind, outcome: 'accepted', backend: 'openai', ...say('batch-aborted'), cause });
}
