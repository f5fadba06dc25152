import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { callbackify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError } from '@holodeck/core';
import type { ProgressEvent } from '@holodeck/core';
import { isRecord } from '@holodeck/core/backend';
import type { BackendResult, FetchLike, JobContext, JobWaiter } from '@holodeck/core/backend';
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
import { isFullQueue, lineError, missingLine, refusedBatch } from './batch-outcomes.ts';
import { countsOf, hasEnded } from './batch-wire.ts';
import type { WireBatch } from './batch-wire.ts';

interface Waiter {
  readonly context: JobContext;
  readonly resolve: (result: BackendResult) => void;
  readonly reject: (error: unknown) => void;
  /** Listens to the context's signal. */
  readonly leave: () => void;
}

export interface BatchWatchOptions {
  readonly api: BatchApi;
  readonly options: ResolvedOpenAIOptions;
  /** The connections for addresses that an answer may name instead of images. */
  readonly fetch: () => Promise<FetchLike>;
  /** Reads one file of all batches at a time: each needs buffers. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
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
/** Ends a reading early. */
const enough = new Error('All lines that somebody waits for were read.');

/** One batch and the tasks of this process that wait for it: one question for all, and one reading of its files. */
export class BatchWatch {
  readonly #batchId: string;
  readonly #parts: BatchWatchOptions;
  /** Who waits for the lines, by name. */
  readonly #idle = new Map<string, JobWaiter>();
  /** Who collects them, by name. */
  readonly #waiters = new Map<string, Waiter>();
  /** Told when a task begins to collect, by name. */
  readonly #arrivals = new Map<string, () => void>();
  /** Whose lines the files have that are read, or nothing has. Names alone: else all tasks would stay until the last one is done. */
  #expected = new Set<string>();
  /** Names of lines, by file, that an earlier reading found too late. */
  readonly #names = new Map<string, Map<number, string>>();
  #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(batchId: string, parts: BatchWatchOptions) {
    this.#batchId = batchId;
    this.#parts = parts;
  }

  /** Tells the waiter when the line of that name is there. @returns Ends the wait. */
  wait(customId: string, waiter: JobWaiter): () => void {
    this.#idle.set(customId, waiter);
    this.#start();
    return () => {
      if (this.#idle.get(customId) === waiter) this.#idle.delete(customId);
      this.#stopIfLeft();
    };
  }

  /** Waits for the line of that name. @throws {ImageError} */
  collect(customId: string, context: JobContext): Promise<BackendResult> {
    const { signal } = context;
    if (signal.aborted) return Promise.reject(aborted(signal.reason));
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#settle(customId, () => aborted(signal.reason));
        this.#stopIfLeft();
      };
      this.#waiters.set(customId, { context, resolve, reject, leave });
      this.#arrivals.get(customId)?.();
      signal.addEventListener('abort', leave, { once: true });
      this.#start();
    });
  }

  /** Tasks that want their lines. */
  get #wanted(): number {
    return this.#idle.size + this.#waiters.size;
  }

  #stopIfLeft(): void {
    if (this.#wanted === 0) this.#stop.abort(new Error('Nobody waits for the batch.'));
  }

  #start(): void {
    if (this.#running !== undefined) return;
    this.#stop = new AbortController();
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#wanted > 0) this.#start();
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    try {
      for (let waitMs = firstWaitMs; this.#wanted > 0; waitMs = Math.min(longestWaitMs, waitMs * growth)) {
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
      for (const customId of [...this.#idle.keys(), ...this.#waiters.keys()]) await this.#fail(customId, () => failure);
    }
  }

  #report(batch: WireBatch): void {
    const { done, total } = countsOf(batch);
    const begun = batch.status !== 'validating' && total > 0;
    const event: ProgressEvent = begun
      ? { type: 'running', fraction: done / total, note: `${done}/${total}` }
      : { type: 'queued' };
    for (const waiter of this.#idle.values()) waiter.onProgress(event);
    for (const { context } of this.#waiters.values()) context.onProgress?.(event);
  }

  async #finish(batch: WireBatch, signal: AbortSignal): Promise<void> {
    for (let joins = 0, before = -1; joins < mostJoins && this.#wanted !== before; joins += 1) {
      before = this.#wanted;
      await sleep(joinMs, undefined, { signal });
    }
    for (const waiter of this.#idle.values()) waiter.onEnded();
    for (const { context } of this.#waiters.values()) context.onEnded?.();
    const { api, options, onFullQueue } = this.#parts;
    // Nothing needs it any more: a lost answer is found by the name that the batch has.
    if (typeof batch.input_file_id === 'string') await api.remove(batch.input_file_id, signal);
    this.#expected = new Set([...this.#idle.keys(), ...this.#waiters.keys()]);
    let missing = (): ImageError => missingLine(this.#batchId);
    if (batch.status === 'failed') {
      missing = () => refusedBatch(this.#batchId, batch, options);
      if (isFullQueue(missing())) onFullQueue();
    } else {
      for (const fileId of [batch.output_file_id, batch.error_file_id]) {
        if (typeof fileId !== 'string' || this.#wanted === 0) continue;
        // The lines may be in the part that did not come.
        if (!(await this.#read(fileId, signal))) missing = () => api.strange('accepted');
      }
    }
    for (const customId of this.#expected) await this.#fail(customId, missing);
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
          writerFor: async (customId) => {
            const waiter = await this.#call(customId);
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
            if (!this.#waiters.has(customId) && !this.#idle.has(customId)) return;
            names.set(lineNumber, customId);
            again = true;
          },
        },
        names,
      );
      await this.#parts.inTurn(() => this.#pour(fileId, reader, signal));
      if (reader.isStrange || !again) return !reader.isStrange;
    }
  }

  async #pour(fileId: string, reader: BatchLineReader, signal: AbortSignal): Promise<void> {
    const { api } = this.#parts;
    try {
      const content = await api.content(fileId, signal);
      const write = async (chunk: Uint8Array, _encoding: string): Promise<void> => {
        await reader.write(chunk);
        free(chunk);
        if (this.#wanted === 0) throw enough;
      };
      // Not `for await`: that joins the chunks which came meanwhile into one more buffer.
      const lines = new Writable({ highWaterMark: 1, write: callbackify(write) });
      await pipeline(content, lines).catch((error: unknown) => {
        if (error !== enough) throw error;
      });
      await reader.end();
    } catch (error) {
      await reader.discard();
      throw api.broken(error, 'accepted', signal);
    }
  }

  async #deliver(customId: string, line: ReadLine): Promise<void> {
    const waiter = await this.#call(customId);
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
    if (!(Number(status) >= 200 && Number(status) < 300) || !isRecord(body)) {
      throw lineError(this.#batchId, value, options);
    }
    const { usage } = body;
    const secrets = secretsOf(options);
    const requestId = typeof id === 'string' ? { requestId: safeText(id, secrets, 200) } : {};
    const job = { host: options.baseURL.host, secrets, at: 'collect', ...requestId } as const;
    const answer = {
      form: 'json',
      complete: true,
      items: readItems(body, characters, 0),
      excerpt: '{}',
      ...(body['error'] ? { error: body['error'] } : {}),
      ...(isRecord(usage) ? { usage } : {}),
    } as const;
    return await new OpenAICollection(options, context, job, fetch).finish(answer, writer);
  }

  /** The task that collects the line of that name; one that only waits for it begins to. Undefined = nobody wants it. */
  async #call(customId: string): Promise<Waiter | undefined> {
    const idle = this.#idle.get(customId);
    if (idle !== undefined) {
      this.#idle.delete(customId);
      const arrived = new Promise<void>((resolve) => this.#arrivals.set(customId, resolve));
      await Promise.race([arrived, idle.onReady()]);
      this.#arrivals.delete(customId);
    }
    return this.#waiters.get(customId);
  }

  async #fail(customId: string, error: () => unknown): Promise<void> {
    await this.#call(customId);
    this.#settle(customId, error);
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
    this.#expected.delete(customId);
    waiter.context.signal.removeEventListener('abort', waiter.leave);
    return true;
  }
}

/** Frees a chunk at once: the garbage collector hardly sees its memory, and would let dozens of megabytes of chunks gather. */
function free({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

function writerOf({ openImage, imageCount = Number.POSITIVE_INFINITY }: JobContext): ImageWriter {
  return new ImageWriter((index) => openImage(index), imageCount);
}

function aborted(cause: unknown): ImageError {
  const kind = ImageError.isInstance(cause) && cause.kind === 'timeout' ? 'timeout' : 'aborted';
  return new ImageError({ kind, outcome: 'accepted', backend: 'openai', ...say('batch-aborted'), cause });
}
