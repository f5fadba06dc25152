import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError } from '@holodeck/core';
import { invalidRequest } from '@holodeck/core/backend';
import type { BackendResult, FetchLike, ImageRequest, JobContext, JobHandle, Lane } from '@holodeck/core/backend';
import type { OpenAIHandleData } from '../openai-handle.ts';
import type { ResolvedOpenAIOptions } from '../openai-options.ts';
import { readEditFiles } from '../wire/openai-pictures.ts';
import { OpenAITransport } from '../wire/openai-transport.ts';
import { imagesParameters } from '../wire/openai-wire.ts';
import { BatchApi } from './batch-api.ts';
import { BatchGroups, inputName, mostBytes } from './batch-groups.ts';
import { say } from './batch-messages.ts';
import { missingLine } from './batch-outcomes.ts';
import { BatchWatch } from './batch-watch.ts';
import { ReferenceUploads } from './reference-uploads.ts';

/** Pictures of a batch cost half: https://platform.openai.com/docs/guides/batch. */
export const batchPriceShare = 0.5;
/** A batch ends after 24 hours at the latest; its files need a while more. */
export const batchLastsMs: number = 25 * 3600 * 1000;

/** From the start of a request to its headers, and between two pieces of an answer, in milliseconds. */
const bounds = { headersTimeoutMs: 600_000, bodyTimeoutMs: 120_000 } as const;
/** Between two searches of the lists, in milliseconds: at first, and at most. */
const firstSearchMs = 500;
const longestSearchMs = 10_000;

/** Makes images in batches: gathers submissions, finds lost ones again, and brings each task its line. */
export class BatchDelivery {
  readonly #options: ResolvedOpenAIOptions;
  readonly #lane: Lane;
  readonly #credential: string;
  readonly #transport: OpenAITransport;
  readonly #api: BatchApi;
  readonly #groups: BatchGroups;
  readonly #references: ReferenceUploads;
  readonly #closing = new AbortController();
  readonly #watches = new Map<string, BatchWatch>();
  /** Searches under way, by group: its tasks share one. */
  readonly #searches = new Map<string, Promise<string | undefined>>();
  /** Batches that a search has found, by group. */
  readonly #found = new Map<string, string>();
  /** Lines of the batches that this process made. */
  readonly #lines = new Map<string, number>();

  constructor(options: ResolvedOpenAIOptions, lane: Lane, credential: string) {
    this.#options = options;
    this.#lane = lane;
    this.#credential = credential;
    this.#transport = new OpenAITransport(options, bounds);
    this.#api = new BatchApi(options, this.#transport);
    this.#references = new ReferenceUploads(this.#api, this.#closing.signal);
    this.#groups = new BatchGroups({
      api: this.#api,
      gatherMs: options.batchGatherMs,
      handleOf: (key, group, batch) => this.#handle(key, { group, ...(batch === undefined ? {} : { batch }) }),
      onCreated: (batch, lines) => this.#lines.set(batch, lines),
      closing: this.#closing.signal,
    });
  }

  async submit(request: ImageRequest, context: JobContext): Promise<JobHandle> {
    await this.#api.prepare();
    const files = await readEditFiles(request);
    const { stream: _stream, partial_images: _partial, ...parameters } = imagesParameters(request, this.#options);
    const endpoint = files === undefined ? '/v1/images/generations' : '/v1/images/edits';
    const body: Record<string, unknown> = { ...parameters };
    if (files !== undefined) {
      const images = await Promise.all(files.images.map(async (file) => this.#references.idOf(file)));
      body['images'] = images.map((id) => ({ file_id: id }));
      if (files.mask !== undefined) body['mask'] = { file_id: await this.#references.idOf(files.mask) };
    }
    const line = JSON.stringify({ custom_id: context.key, method: 'POST', url: endpoint, body });
    const bytes = Buffer.byteLength(line);
    if (bytes > mostBytes) throw invalidRequest(say('line-large', { bytes, max: mostBytes }), { backend: 'openai' });
    return this.#groups.add({ endpoint, line, context });
  }

  /** Waits for the line of a submission. Its promise is the watch's own, because thousands wait for hours. */
  collect(handle: JobHandle, { batch }: OpenAIHandleData, context: JobContext): Promise<BackendResult> {
    if (batch !== undefined) return this.#watch(batch).collect(handle.key, context);
    return this.#batchOf(handle, context).then((id) => this.#watch(id).collect(handle.key, context));
  }

  /** A handle may be older than the answer to its search. */
  async #batchOf(handle: JobHandle, context: JobContext): Promise<string> {
    await this.locate(handle, context);
    const batch = this.#found.get(groupOf(handle));
    if (batch === undefined) throw missingLine(groupOf(handle));
    return batch;
  }

  /** Whether the batch of a group exists. Lists may lag behind, so `absent` takes a while. @throws {ImageError} */
  async locate(draft: JobHandle, { signal }: JobContext): Promise<'found' | 'absent'> {
    const group = groupOf(draft);
    let search = this.#searches.get(group);
    if (search === undefined) {
      search = this.#search(group, draft.acceptedAtMs).finally(() => this.#searches.delete(group));
      this.#searches.set(group, search);
    }
    const stopped = Promise.withResolvers<never>();
    const stop = (): void => stopped.reject(this.#api.broken(signal.reason, 'accepted', signal));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      return (await Promise.race([search, stopped.promise])) === undefined ? 'absent' : 'found';
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** The handle of a submission that `locate` found. */
  handleFor(draft: JobHandle): JobHandle {
    const group = groupOf(draft);
    const batch = this.#found.get(group);
    return this.#handle(draft.key, { group, ...(batch === undefined ? {} : { batch }) });
  }

  /** Cancels the whole batch; lines that are done already stay paid. @throws {ImageError} */
  async cancel(batchId: string, signal: AbortSignal): Promise<void> {
    await this.#api.prepare();
    await this.#api.cancel(batchId, signal);
  }

  /** @returns The batch's id. */
  async #search(group: string, sinceMs: number): Promise<string | undefined> {
    const { signal } = this.#closing;
    await this.#api.prepare();
    const until = Date.now() + this.#options.batchListLagMs;
    for (let waitMs = firstSearchMs; ; waitMs = Math.min(longestSearchMs, waitMs * 2)) {
      const isLast = Date.now() >= until;
      try {
        const file = await this.#api.findInput(inputName(group), sinceMs, signal);
        const batch = await this.#api.findBatch(group, file, sinceMs, signal);
        if (batch !== undefined) {
          this.#found.set(group, batch);
          return batch;
        }
        if (isLast) {
          if (file !== undefined) await this.#api.remove(file, signal);
          return undefined;
        }
      } catch (error) {
        if (isLast || !ImageError.isInstance(error) || !error.retryable) throw error;
      }
      await sleep(Math.min(waitMs, Math.max(0, until - Date.now())), undefined, { signal });
    }
  }

  #watch(batchId: string): BatchWatch {
    const known = this.#watches.get(batchId);
    if (known !== undefined) return known;
    const fetch = (): Promise<FetchLike> => this.#transport.sharedFetch();
    const onFullQueue = (): void => this.#groups.shrink(this.#lines.get(batchId) ?? 1);
    const watch = new BatchWatch(batchId, { api: this.#api, options: this.#options, fetch, onFullQueue });
    this.#watches.set(batchId, watch);
    return watch;
  }

  #handle(key: string, data: OpenAIHandleData): JobHandle {
    return {
      version: 1,
      backend: 'openai',
      lane: this.#lane.id,
      credential: this.#credential,
      // Names the line for people, too.
      jobId: `${data.batch ?? data.group ?? ''}/${key.slice(0, 8)}`,
      ...(data.batch === undefined ? {} : { batchId: data.batch }),
      key,
      acceptedAtMs: Date.now(),
      priceShare: batchPriceShare,
      data: { ...data, model: this.#options.model },
    };
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The backend was closed.'));
    await this.#groups.close();
    await this.#transport.close();
  }
}

function groupOf({ data }: JobHandle): string {
  return String((data as OpenAIHandleData | undefined)?.group);
}
